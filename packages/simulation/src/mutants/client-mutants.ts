import type { Mutant } from './mutant.js'

/** Bugs of the client. */
export const clientMutants: readonly Mutant[] = []
