import { randomUUID } from 'node:crypto'
import type { Random } from '../runtime.js'

/** Chance as the machine gives it. */
export const nodeRandom: Random = { next: () => Math.random(), uuid: () => randomUUID() }
