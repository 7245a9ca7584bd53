import type { ScramMechanism } from '@rivven/protocol'
import type { ScramCredential } from './scram-credential.js'

/** The kinds of credential that a user may have; the stronger one first, which a password is checked against. */
export const scramKinds = ['SCRAM-SHA-512', 'SCRAM-SHA-256'] as const satisfies readonly ScramMechanism[]

export type Credentials = ReadonlyMap<ScramMechanism, ScramCredential>

/** All users by name. None is without credentials. */
export type Users = ReadonlyMap<string, Credentials>

/** What the password of a user is checked against. */
export function strongest(credentials: Credentials): readonly [ScramMechanism, ScramCredential] | undefined {
  for (const kind of scramKinds) {
    const credential = credentials.get(kind)
    if (credential !== undefined) return [kind, credential]
  }
  return undefined
}
