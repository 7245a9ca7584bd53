import { createHash } from 'node:crypto'
import type { Random } from '@rivven/runtime'

/** Bytes that nobody can guess, 64 at most: a UUID has 122 bits of chance. */
export function randomBytesOf(random: Random, size: number): Buffer {
  const chance = Array.from({ length: 5 }, () => random.uuid()).join()
  return createHash('sha512').update(chance).digest().subarray(0, size)
}
