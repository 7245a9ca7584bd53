import type { Mutant } from './mutant.js'

export const allMutants: readonly Mutant[] = []
