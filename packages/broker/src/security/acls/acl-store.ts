import type { Clock } from '@rivven/runtime'
import { Breath, mapInTurns } from '../../breath.js'
import type { Documents, VersionedDocument } from '../../cluster/documents.js'
import { type ChangeResult, changed, refused } from '../change-result.js'
import { KeptDocument } from '../kept-document.js'
import type { Acl } from './acl.js'
import { ACL_DOCUMENT, aclText, readAcls, writeAcls } from './acl-document.js'
import { type AclFilter, aclsMeant } from './acl-filter.js'
import { type AclImage, AclIndex } from './acl-index.js'
import { type AclRequest, aclFault } from './acl-request.js'

export interface AclStoreOptions {
  readonly documents: Documents
  readonly clock: Clock
  /** Default 100,000. */
  readonly maxAcls?: number
  /** How many one request may make or remove: it comes to count in one turn. Default 10,000. */
  readonly maxAclsAtOnce?: number
  /** Something that an operator should know of. */
  readonly warn?: ((text: string) => void) | undefined
}

/** What one filter of a deletion has come to. */
export interface AclDeletion extends ChangeResult {
  readonly acls: readonly Acl[]
}

/**
 * The ACLs that brokers share: a change is durable before it counts, and counts before it is answered; what another broker has
 * changed counts when this one has heard of it.
 */
export class AclStore {
  readonly #options: Required<Omit<AclStoreOptions, 'warn'>>
  readonly #index: AclIndex
  readonly #document: KeptDocument

  private constructor(options: AclStoreOptions, present: VersionedDocument | undefined) {
    const { documents, warn } = options
    this.#options = { maxAcls: 100_000, maxAclsAtOnce: 10_000, ...options }
    this.#index = new AclIndex(present ? readAcls(present.content) : [])
    const follow = (content?: Buffer) => this.#follow(content ? readAcls(content) : [])
    this.#document = new KeptDocument({ documents, name: ACL_DOCUMENT, follow, warn }, present)
  }

  /** @throws StoredDataError when what is stored is no list of ACLs */
  static async open(options: AclStoreOptions): Promise<AclStore> {
    return new AclStore(options, await options.documents.read(ACL_DOCUMENT))
  }

  /** For an authorizer: it always shows what counts now. */
  get image(): AclImage {
    return this.#index
  }

  get count(): number {
    return this.#index.count
  }

  /** All that a filter means at one time, the ACLs of a pattern together. */
  matching(filter: AclFilter): Promise<Acl[][]> {
    return this.#document.look(() => this.#collect(filter, new Breath(this.#options.clock)))
  }

  /** One result for each, in their order. Those that are sound are made with one write, or none where they are too many. */
  async create(requests: readonly AclRequest[]): Promise<ChangeResult[]> {
    const { maxAclsAtOnce } = this.#options
    if (requests.length > maxAclsAtOnce) return new Array(requests.length).fill(tooManyAtOnce(maxAclsAtOnce))
    return this.#document.change(async () => {
      const added = new Map<string, Acl>()
      const faults = await mapInTurns(requests, this.#options.clock, (request) => {
        const fault = aclFault(request)
        if (fault === undefined && !this.#index.has(request as Acl)) added.set(aclText(request as Acl), request as Acl)
        return fault
      })
      const isRoom = this.#index.count + added.size <= this.#options.maxAcls
      const made = isRoom ? changed : tooMany(this.#options.maxAcls)
      return {
        result: faults.map((fault) => fault ?? made),
        content: isRoom && added.size > 0 ? await this.#contentAfter({ added: added.keys() }) : undefined,
        take: () => this.#index.change({ added: added.values() }),
      }
    })
  }

  /** One result for each filter, in their order; several may have removed the same ACL. */
  delete(filters: readonly AclFilter[]): Promise<AclDeletion[]> {
    return this.#document.change(async () => {
      const removed = new Map<string, Acl>()
      const deletions = await this.#deletionsOf(filters, removed)
      const { maxAclsAtOnce } = this.#options
      const isChange = deletions !== undefined && removed.size > 0
      return {
        result: deletions ?? filters.map(() => ({ ...tooManyMatched(maxAclsAtOnce), acls: [] })),
        content: isChange ? await this.#contentAfter({ removed }) : undefined,
        take: () => this.#index.change({ removed: removed.values() }),
      }
    })
  }

  /** Resolves when all changes asked for so far are done. */
  settled(): Promise<void> {
    return this.#document.settled()
  }

  /** Undefined where the filters together match more than a request may remove, or an answer should show. */
  async #deletionsOf(filters: readonly AclFilter[], removed: Map<string, Acl>): Promise<AclDeletion[] | undefined> {
    const { clock, maxAclsAtOnce } = this.#options
    const breath = new Breath(clock)
    const deletions: AclDeletion[] = []
    let shown = 0
    for (const filter of filters) {
      const deletion = await this.#deletionOf(filter, breath)
      const { acls } = deletion
      shown += acls.length
      if (acls.length > maxAclsAtOnce || shown > showings * maxAclsAtOnce) return undefined
      for (const acl of acls) removed.set(aclText(acl), acl)
      if (removed.size > maxAclsAtOnce) return undefined
      deletions.push(deletion)
    }
    return deletions
  }

  async #deletionOf(filter: AclFilter, breath: Breath): Promise<AclDeletion> {
    const { resourceType, patternType, operation, permission } = filter
    if ([resourceType, patternType, operation, permission].includes('UNKNOWN')) {
      return { ...refused('INVALID_REQUEST', 'The filter has a code that this broker does not know.'), acls: [] }
    }
    return { ...changed, acls: (await this.#collect(filter, breath)).flat() }
  }

  /** Nothing changes meanwhile: the caller is alone in the queue. */
  async #collect(filter: AclFilter, breath: Breath): Promise<Acl[][]> {
    const found: Acl[][] = []
    for (const acls of aclsMeant(this.#index, filter)) {
      if (breath.isDue) await breath.take()
      if (acls.length > 0) found.push(acls)
    }
    return found
  }

  /** What will be after the change. Nothing else changes meanwhile: the caller is alone in the queue. */
  #contentAfter(change: { added?: Iterable<string>; removed?: ReadonlyMap<string, Acl> }): Promise<Buffer> {
    return writeAcls(this.#textsAfter(change), this.#options.clock)
  }

  /** These count now. Only what is another comes and goes, at once: nobody sees a moment without ACLs. */
  async #follow(acls: readonly Acl[]): Promise<void> {
    const breath = new Breath(this.#options.clock)
    const added = new Map<string, Acl>()
    for (const acl of acls) {
      added.set(aclText(acl), acl)
      if (breath.isDue) await breath.take()
    }
    const removed: Acl[] = []
    for (const acl of this.#index.acls()) {
      if (!added.delete(aclText(acl))) removed.push(acl)
      if (breath.isDue) await breath.take()
    }
    if (added.size > 0 || removed.length > 0) this.#index.change({ added: added.values(), removed })
  }

  *#textsAfter({ added = [], removed }: { added?: Iterable<string>; removed?: ReadonlyMap<string, Acl> }) {
    for (const acl of this.#index.acls()) {
      const text = aclText(acl)
      if (!removed?.has(text)) yield text
    }
    yield* added
  }
}

function tooMany(most: number): ChangeResult {
  return refused('POLICY_VIOLATION', `There would be more than ${most} ACLs. None of this request was made.`)
}

function tooManyAtOnce(most: number): ChangeResult {
  return refused('POLICY_VIOLATION', `One request may make ${most} ACLs: ask in several. None was made.`)
}

/** Each filter shows what it matches: many that match the same show it as many times. */
const showings = 10

function tooManyMatched(most: number): ChangeResult {
  return refused('POLICY_VIOLATION', `One request may remove ${most} ACLs: ask for fewer. None was removed.`)
}
