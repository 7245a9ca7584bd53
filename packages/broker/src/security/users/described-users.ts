import type { ScramMechanism } from '@rivven/protocol'
import { type ChangeResult, changed, refused } from '../change-result.js'
import type { Users } from './users.js'

/** What may be shown of a user: never salts or keys. */
export interface DescribedUser extends ChangeResult {
  readonly name: string
  readonly credentials: readonly { readonly mechanism: ScramMechanism; readonly iterations: number }[]
}

/** KIP-554: each user that is named, once; all where nobody is. */
export function describeUsers(users: Users, named: readonly string[] | null): DescribedUser[] {
  if (named === null || named.length === 0) return Array.from(users.keys(), (name) => describe(users, name))
  const counts = new Map<string, number>()
  for (const name of named) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Array.from(counts, ([name, count]) =>
    count === 1
      ? describe(users, name)
      : { name, credentials: [], ...refused('DUPLICATE_RESOURCE', 'A user may be named only once in a request.') },
  )
}

function describe(users: Users, name: string): DescribedUser {
  const credentials = Array.from(users.get(name) ?? [], ([mechanism, { iterations }]) => ({ mechanism, iterations }))
  if (credentials.length > 0) return { name, credentials, ...changed }
  return { name, credentials, ...refused('RESOURCE_NOT_FOUND', 'The user has no credentials.') }
}
