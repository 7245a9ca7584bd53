import { createHmac } from 'node:crypto'
import type { ScramMechanism } from '@rivven/protocol'
import { type ScramCredential, scramHashes } from './scram-credential.js'
import { strongest, type Users } from './users.js'

const saltBytes = 16
/** What most tools write. */
const usualIterations = 4096

/**
 * Credentials of users that do not exist: whoever tries a name must not see that nobody has it. The salt is always the same
 * for a name; the iterations are those that most users have, and no password fits.
 */
export class Decoys {
  readonly #secret: Buffer
  #iterations: ReadonlyMap<ScramMechanism, number> = new Map()
  #passwordMechanism: ScramMechanism = 'SCRAM-SHA-512'

  constructor(secret: Buffer) {
    this.#secret = secret
  }

  /** Keeps up with what most users have. */
  follow(users: Users): void {
    const all = [...users.values()]
    const mechanisms = all.flatMap((credentials) => strongest(credentials)?.[0] ?? [])
    this.#passwordMechanism = mostFrequent(mechanisms) ?? 'SCRAM-SHA-512'
    const iterations = (mechanism: ScramMechanism) =>
      mostFrequent(all.flatMap((credentials) => credentials.get(mechanism)?.iterations ?? [])) ?? usualIterations
    this.#iterations = new Map([
      ['SCRAM-SHA-256', iterations('SCRAM-SHA-256')],
      ['SCRAM-SHA-512', iterations('SCRAM-SHA-512')],
    ])
  }

  credentialOf(user: string, mechanism: ScramMechanism): ScramCredential {
    const salt = createHmac('sha256', this.#secret).update(`${mechanism} ${user}`).digest().subarray(0, saltBytes)
    const key = Buffer.alloc(scramHashes[mechanism].size)
    return { iterations: this.#iterations.get(mechanism) ?? usualIterations, salt, storedKey: key, serverKey: key }
  }

  /** What a password is checked against. */
  strongestOf(user: string): readonly [ScramMechanism, ScramCredential] {
    return [this.#passwordMechanism, this.credentialOf(user, this.#passwordMechanism)]
  }
}

function mostFrequent<T>(values: readonly T[]): T | undefined {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0]
}
