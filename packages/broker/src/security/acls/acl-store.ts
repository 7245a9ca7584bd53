import type { Clock } from '@rivven/runtime'
import { Breath } from '../../breath.js'
import { ChangeQueue } from '../../change-queue.js'
import type { Storage } from '../../storage/storage.js'
import { type ChangeResult, changed, refused } from '../change-result.js'
import type { Acl } from './acl.js'
import { ACL_DOCUMENT, aclText, readAcls, writeAcls } from './acl-document.js'
import { type AclFilter, aclsMeant } from './acl-filter.js'
import { type AclImage, AclIndex } from './acl-index.js'
import { type AclRequest, aclFault } from './acl-request.js'

export interface AclStoreOptions {
  readonly storage: Storage
  readonly clock: Clock
  /** Default 100,000. */
  readonly maxAcls?: number
}

/** What one filter of a deletion has come to. */
export interface AclDeletion extends ChangeResult {
  readonly acls: readonly Acl[]
}

/** The ACLs of a broker: a change is durable before it counts, and counts before it is answered. */
export class AclStore {
  readonly #options: Required<AclStoreOptions>
  readonly #index: AclIndex
  readonly #changes = new ChangeQueue()

  private constructor(options: Required<AclStoreOptions>, acls: readonly Acl[]) {
    this.#options = options
    this.#index = new AclIndex(acls)
  }

  /** @throws StoredDataError when what is stored is no list of ACLs */
  static async open({ storage, clock, maxAcls = 100_000 }: AclStoreOptions): Promise<AclStore> {
    const content = await storage.readDocument(ACL_DOCUMENT)
    return new AclStore({ storage, clock, maxAcls }, content ? readAcls(content) : [])
  }

  /** For an authorizer: it always shows what counts now. */
  get image(): AclImage {
    return this.#index
  }

  get count(): number {
    return this.#index.count
  }

  /** All that a filter means, those of one pattern behind each other. */
  matching(filter: AclFilter): Acl[] {
    return aclsMeant(this.#index, filter)
  }

  /** One result for each, in their order. Those that are sound are made with one write, or none where they are too many. */
  create(requests: readonly AclRequest[]): Promise<ChangeResult[]> {
    return this.#changes.run(async () => {
      const faults = requests.map(aclFault)
      const sound = requests.filter((_, at) => faults[at] === undefined) as Acl[]
      const added = new Map(sound.filter((acl) => !this.#index.has(acl)).map((acl) => [aclText(acl), acl]))
      const isRoom = this.#index.count + added.size <= this.#options.maxAcls
      if (isRoom && added.size > 0) {
        await this.#store({ added: added.keys() })
        this.#index.change({ added: added.values() })
      }
      const result = isRoom ? changed : tooMany(this.#options.maxAcls)
      return faults.map((fault) => fault ?? result)
    })
  }

  /** One result for each filter, in their order; several may have removed the same ACL. */
  delete(filters: readonly AclFilter[]): Promise<AclDeletion[]> {
    return this.#changes.run(async () => {
      const deletions = filters.map((filter) => this.#deletionOf(filter))
      const removed = new Map(deletions.flatMap(({ acls }) => acls.map((acl) => [aclText(acl), acl])))
      if (removed.size > 0) {
        await this.#store({ removed })
        this.#index.change({ removed: removed.values() })
      }
      return deletions
    })
  }

  /** Resolves when all changes asked for so far are done. */
  settled(): Promise<void> {
    return this.#changes.settled()
  }

  #deletionOf(filter: AclFilter): AclDeletion {
    const { resourceType, patternType, operation, permission } = filter
    if ([resourceType, patternType, operation, permission].includes('UNKNOWN')) {
      return { ...refused('INVALID_REQUEST', 'The filter has a code that this broker does not know.'), acls: [] }
    }
    return { ...changed, acls: this.matching(filter) }
  }

  /** What will be after the change. Nothing else changes meanwhile: the caller is alone in the queue. */
  async #store({
    added = [],
    removed,
  }: {
    added?: Iterable<string>
    removed?: ReadonlyMap<string, Acl>
  }): Promise<void> {
    const texts: string[] = []
    const breath = new Breath(this.#options.clock)
    for (const acl of this.#index.acls()) {
      const text = aclText(acl)
      if (!removed?.has(text)) texts.push(text)
      if (breath.isDue) await breath.take()
    }
    await this.#options.storage.writeDocument(ACL_DOCUMENT, writeAcls([...texts, ...added]))
  }
}

function tooMany(most: number): ChangeResult {
  return refused('POLICY_VIOLATION', `There would be more than ${most} ACLs. None of this request was made.`)
}
