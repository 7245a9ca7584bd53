import type { ScramMechanism } from '@rivven/protocol'
import type { Random } from '@rivven/runtime'
import { randomBytesOf } from '../random-bytes.js'
import { type DeriveKey, deriveKey } from './key-derivation.js'
import type { ScramUpsertion } from './user-alteration.js'

export const DEFAULT_ITERATIONS = 8192
const saltBytes = 16

export interface NewCredential {
  readonly name: string
  readonly password: string
  readonly mechanism: ScramMechanism
  /** 4096 to 16384. Default 8192. */
  readonly iterations?: number
}

/** What a Kafka tool would send for a password: a salt of chance, and the password under it. */
export async function upsertionOf(
  { name, password, mechanism, iterations = DEFAULT_ITERATIONS }: NewCredential,
  { random, derive = deriveKey }: { random: Random; derive?: DeriveKey },
): Promise<ScramUpsertion> {
  const salt = randomBytesOf(random, saltBytes)
  return { name, mechanism, iterations, salt, saltedPassword: await derive(mechanism, password, { salt, iterations }) }
}
