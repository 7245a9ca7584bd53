import { type AclOperation, CLUSTER_NAME, ErrorCode, errorOf } from '@rivven/protocol'
import type { HttpAnonymous } from '../config/http-listener.js'
import type { Right } from '../handlers/rights/api-rights.js'
import { type Caller, denial } from '../handlers/rights/denial.js'
import { Problem } from './problem.js'
import type { ProblemCode } from './problems.js'

type Guarded = Parameters<typeof denial>[2]

/** What is asked before anything is answered: of the cluster, or of what the path names. As Kafka asks it for the same thing. */
export type Need = `${AclOperation} ${Guarded}`

/** Who may have an answer. */
export interface Rights {
  /** Who has no right to this is answered 403. */
  readonly needs?: Need
  /** What is asked besides, of what the query names, or of all that is listed: then what is not for its caller is left out. */
  readonly asks?: readonly Right[]
  /** The least of `http_anonymous` by which HTTP shows it to whoever asks; absent: never. */
  readonly anonymous?: HttpAnonymous
}

/** What stands in a path for what a right is needed to. */
const parameters = { GROUP: 'group', TOPIC: 'topic', TRANSACTIONAL_ID: 'transactionalId', CLUSTER: undefined } as const

/** A need in its parts; `parameter`: undefined for the cluster. */
export function partsOf(need: Need) {
  const [operation, type] = need.split(' ') as [AclOperation, Guarded]
  return { operation, type, parameter: parameters[type] }
}

/** Why the caller may not have what needs this, by what the path names; undefined: it may. */
export function denialOf(
  { needs }: Rights,
  path: Readonly<Record<string, string>>,
  caller: Caller,
): Problem | undefined {
  if (needs === undefined) return undefined
  const { operation, type, parameter } = partsOf(needs)
  return denied(caller, operation, type, parameter === undefined ? CLUSTER_NAME : (path[parameter] ?? ''))
}

const words: Readonly<Record<Guarded, string>> = {
  ...{ GROUP: 'the group', TOPIC: 'the topic', TRANSACTIONAL_ID: 'the transactional id', CLUSTER: 'the cluster' },
}

/** The same for one thing. */
export function denied(caller: Caller, operation: AclOperation, type: Guarded, name: string): Problem | undefined {
  const code = denial(caller, operation, type, name)
  if (code === ErrorCode.NONE) return undefined
  const what = type === 'CLUSTER' ? words[type] : `${words[type]} ${name}`
  const missing = { operation, resourceType: type, resourceName: name }
  const sentence = `${caller.access.principal} may not do this: it needs ${operation} on ${what}.`
  return new Problem(errorOf(code).name as ProblemCode, sentence, { missing })
}

const steps: readonly HttpAnonymous[] = ['health', 'health,metrics', 'all']

/** Is it shown to whoever asks, by what `http_anonymous` says? */
export function isShownToAll({ anonymous }: Rights, configured: HttpAnonymous): boolean {
  return anonymous !== undefined && steps.indexOf(anonymous) <= steps.indexOf(configured)
}
