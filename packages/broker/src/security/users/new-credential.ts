import type { Secret } from '@rivven/config'
import type { ScramMechanism } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import { randomBytesOf } from '../random-bytes.js'
import { saltedPassword } from './scram-credential.js'
import type { ScramUpsertion } from './user-alteration.js'

export const DEFAULT_ITERATIONS = 8192
const saltBytes = 16

export interface NewCredential {
  readonly name: string
  readonly password: Secret
  readonly mechanism: ScramMechanism
  /** 4096 to 16384. Default 8192. */
  readonly iterations?: number
}

/** What a Kafka tool would send for a password: a salt of chance, and the password under it. */
export async function upsertionOf(
  { name, password, mechanism, iterations = DEFAULT_ITERATIONS }: NewCredential,
  { random, hashing }: Pick<Runtime, 'random' | 'hashing'>,
): Promise<ScramUpsertion> {
  const salt = randomBytesOf(random, saltBytes)
  const salted = await saltedPassword(hashing, mechanism, { password: password.reveal(), salt, iterations })
  return { name, mechanism, iterations, salt, saltedPassword: salted }
}
