import { ConfigError, type Secret } from '@rivven/config'
import type { ScramMechanism } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import { randomBytesOf } from '../random-bytes.js'
import { saltedPassword } from './scram-credential.js'
import type { ScramUpsertion } from './user-alteration.js'
import type { UserStore } from './user-store.js'
import { scramKinds } from './users.js'

export interface NewPassword {
  readonly name: string
  readonly password: Secret
  /** Default: all, so that clients may log in with any. */
  readonly mechanisms?: readonly ScramMechanism[]
  /** 4096 to 16384. Default 8192. */
  readonly iterations?: number
}

type Chance = Pick<Runtime, 'random' | 'hashing'>

/** Makes a user, or gives it another password. Throws ConfigError where there can be no such user. */
export async function setPassword(users: UserStore, user: NewPassword, chance: Chance): Promise<void> {
  // A request may name a user only once.
  for (const mechanism of user.mechanisms ?? scramKinds) {
    const upsertions = [await upsertionOf(user, mechanism, chance)]
    const result = (await users.alter({ deletions: [], upsertions })).get(user.name)
    if (result?.error !== 'NONE') throw new ConfigError(`The user '${user.name}' cannot be made. ${result?.message}`)
  }
}

const saltBytes = 16

/** What a Kafka tool would send: a salt of chance, and the password under it. */
export async function upsertionOf(
  { name, password, iterations = 8192 }: NewPassword,
  mechanism: ScramMechanism,
  { random, hashing }: Chance,
): Promise<ScramUpsertion> {
  const salt = randomBytesOf(random, saltBytes)
  const salted = await saltedPassword(hashing, mechanism, { password: password.reveal(), salt, iterations })
  return { name, mechanism, iterations, salt, saltedPassword: salted }
}
