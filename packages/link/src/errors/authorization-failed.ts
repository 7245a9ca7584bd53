import { ErrorCode } from '@rivven/protocol'
import type { ErrorFacts } from './error-facts.js'

/** What a principal may be allowed to do, in Kafka's words. */
interface Denied {
  /** What kind of resource the code is about, and what it is called where a fact says so. */
  readonly resource: (facts: ErrorFacts) => string
  /** What was tried, as a rule; callers know better. */
  readonly operation?: string
}

const denials: ReadonlyMap<number, Denied> = new Map([
  [ErrorCode.TOPIC_AUTHORIZATION_FAILED, { resource: ({ topic }) => named('topic', topic) }],
  [ErrorCode.GROUP_AUTHORIZATION_FAILED, { resource: ({ group }) => named('group', group), operation: 'READ' }],
  [ErrorCode.CLUSTER_AUTHORIZATION_FAILED, { resource: () => 'cluster' }],
  [
    ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    {
      resource: ({ transactionalId }) => named('transactional id', transactionalId as string | undefined),
      operation: 'WRITE',
    },
  ],
] satisfies [number, Denied][])

/** Whether a code says that this user may not do it. */
export function isAuthorizationFailure(code: number): boolean {
  return denials.has(code)
}

/** What was not allowed, and on what: the facts with these two, and what to do about it. */
export function authorizationFacts(code: number, facts: ErrorFacts): { facts: ErrorFacts; hint: string } {
  const denied = denials.get(code)
  const resource = denied?.resource(facts) ?? 'cluster'
  const operation = facts.operation ?? denied?.operation
  const what = operation ?? 'this operation'
  return {
    facts: { ...facts, resource, ...(operation !== undefined && { operation }) },
    hint: `Ask for an ACL that allows ${what} on ${resource === 'cluster' ? 'the cluster' : resource}.`,
  }
}

function named(kind: string, name: string | undefined): string {
  return name === undefined ? kind : `${kind} ${name}`
}
