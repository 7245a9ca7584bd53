import type { Clock } from '@rivven/runtime'
import type { Documents, VersionedDocument } from '../../cluster/documents.js'
import { KeptDocument } from '../kept-document.js'
import { AddressQuotas, ClientQuotas, QuotaCounts } from './client-quotas.js'
import type { Quotas } from './quota.js'
import { type AlteredEntity, alterQuotas, areOthers, type QuotaAlteration } from './quota-alteration.js'
import { QUOTA_DOCUMENT, readQuotas, writeQuotas } from './quota-document.js'
import { QuotaIndex } from './quota-index.js'
import { type QuotaWindows, usualWindows } from './quota-window.js'

export interface QuotaStoreOptions {
  readonly documents: Documents
  readonly clock: Clock
  /** How many may have quotas. Default 10,000. */
  readonly maxEntities?: number
  /** Default: Kafka's. */
  readonly windows?: QuotaWindows
  /** Something that an operator should know of. */
  readonly warn?: ((text: string) => void) | undefined
}

/**
 * The quotas that brokers share: a change is durable before it counts, and counts before it is answered; what another broker has
 * changed counts when this one has heard of it. What clients use of them each broker counts for itself.
 */
export class QuotaStore {
  readonly #clock: Clock
  readonly #maxEntities: number
  readonly #document: KeptDocument
  readonly #counts: QuotaCounts
  #quotas: Quotas = new Map()
  /** Undefined: nobody has any, so that nothing needs to be counted. A plain field: it is looked at for every request. */
  ofClients: ClientQuotas | undefined
  ofAddresses: AddressQuotas | undefined

  private constructor(options: QuotaStoreOptions, present: VersionedDocument | undefined) {
    const { documents, clock, maxEntities = 10_000, windows = usualWindows, warn } = options
    this.#clock = clock
    this.#maxEntities = maxEntities
    this.#counts = new QuotaCounts(windows)
    const follow = (content?: Buffer) => this.#follow(content ? readQuotas(content) : new Map())
    follow(present?.content)
    this.#document = new KeptDocument({ documents, name: QUOTA_DOCUMENT, follow, warn }, present)
  }

  /** @throws StoredDataError when what is stored are no quotas */
  static async open(options: QuotaStoreOptions): Promise<QuotaStore> {
    return new QuotaStore(options, await options.documents.read(QUOTA_DOCUMENT))
  }

  /** How often somebody had to wait because of a quota, and for how long in all. */
  get waits(): QuotaCounts['waits'] {
    return this.#counts.waits
  }

  get quotas(): Quotas {
    return this.#quotas
  }

  /** One answer for each entity that is named. All that may be done is done with one write. */
  alter(
    alterations: readonly QuotaAlteration[],
    { validateOnly }: { validateOnly: boolean },
  ): Promise<AlteredEntity[]> {
    return this.#document.change(async () => {
      const quotas = new Map(this.#quotas)
      const result = alterQuotas(quotas, alterations, this.#maxEntities)
      const isChange = !validateOnly && areOthers(this.#quotas, quotas)
      const content = isChange ? await writeQuotas(quotas, this.#clock) : undefined
      return { result, content, take: () => this.#follow(quotas) }
    })
  }

  /** Resolves when all changes asked for so far are done. */
  settled(): Promise<void> {
    return this.#document.settled()
  }

  #follow(quotas: Quotas): void {
    this.#quotas = quotas
    const index = new QuotaIndex(quotas)
    this.ofClients = index.hasClients ? new ClientQuotas(index, this.#counts) : undefined
    this.ofAddresses = index.hasAddresses ? new AddressQuotas(index, this.#counts) : undefined
  }
}
