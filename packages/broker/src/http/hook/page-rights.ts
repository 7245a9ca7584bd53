import type { AclOperation } from '@rivven/protocol'
import type { HttpAnonymous } from '../../config/http-listener.js'
import type { Right } from '../../handlers/rights/api-rights.js'
import type { PageName } from '../page.js'

/** What the hook asks before a page is shown: of the cluster, or of the topic or group that its path names. */
export type PageNeed = `${AclOperation} ${'CLUSTER' | 'GROUP' | 'TOPIC'}`

export interface PageRights {
  /** Who has no right to this is answered 403. */
  readonly needs?: PageNeed
  /** What the page itself asks of all that it lists: what is not for its caller is left out. */
  readonly asks?: readonly Right[]
  /** The least of `http_anonymous` by which it is shown to whoever asks; absent: never. */
  readonly anonymous?: HttpAnonymous
}

/** What each page asks whether its caller may have it (security.md §12). A page without a row is not served. */
const rights: Readonly<Record<PageName, PageRights>> = {
  'GET /health/live': { anonymous: 'health' },
  'GET /health/ready': { anonymous: 'health' },
  'GET /metrics': { needs: 'DESCRIBE CLUSTER', anonymous: 'health,metrics' },
  'GET /api/cluster': { needs: 'DESCRIBE CLUSTER', anonymous: 'all' },
  'GET /api/groups': { asks: ['DESCRIBE CLUSTER', 'DESCRIBE GROUP', 'DESCRIBE TOPIC'], anonymous: 'all' },
  'GET /api/groups/:group': { needs: 'DESCRIBE GROUP', asks: ['DESCRIBE TOPIC'], anonymous: 'all' },
  'GET /api/groups/:group/timeline': { needs: 'DESCRIBE GROUP', asks: ['DESCRIBE TOPIC'], anonymous: 'all' },
  'GET /api/security/users': { needs: 'DESCRIBE CLUSTER', anonymous: 'all' },
  'GET /api/security/acls': { needs: 'DESCRIBE CLUSTER', anonymous: 'all' },
  'GET /api/security/quotas': { needs: 'DESCRIBE_CONFIGS CLUSTER', anonymous: 'all' },
}

/** The row of a page; undefined where nobody has decided who may see it. */
export function pageRightsOf(name: PageName): PageRights | undefined {
  return Object.hasOwn(rights, name) ? rights[name] : undefined
}

const steps: readonly HttpAnonymous[] = ['health', 'health,metrics', 'all']

/** Is it shown to whoever asks, by what `http_anonymous` says? */
export function isShownToAll({ anonymous }: PageRights, configured: HttpAnonymous): boolean {
  return anonymous !== undefined && steps.indexOf(anonymous) <= steps.indexOf(configured)
}

/** What stands in the path for what a page needs a right to. */
const parameters = { GROUP: 'group', TOPIC: 'topic', CLUSTER: undefined }

/** A need in its parts; `parameter`: undefined for the cluster. */
export function partsOf(need: PageNeed) {
  const [operation, type] = need.split(' ') as [AclOperation, keyof typeof parameters]
  return { operation, type, parameter: parameters[type] }
}

/** Throws where a row does not fit its page: such a broker would show what it must not, or to nobody. */
export function refuseOddRights(name: PageName, rights: PageRights, kind: 'open' | 'guarded'): void {
  const { needs, asks = [], anonymous } = rights
  const parameter = needs && partsOf(needs).parameter
  const isOpen = needs === undefined && asks.length === 0
  if (parameter !== undefined && !name.split('/').includes(`:${parameter}`))
    throw new Error(`${name} needs ${needs}, and its path has no :${parameter}`)
  if (isOpen !== (kind === 'open')) throw new Error(`${name} is ${kind}, and its row says otherwise`)
  if (isOpen && anonymous !== 'health') throw new Error(`${name} is open, and http_anonymous may close it`)
  if (name.startsWith('POST ') && (isOpen || anonymous !== undefined))
    throw new Error(`${name} changes something: it cannot be for everybody`)
}
