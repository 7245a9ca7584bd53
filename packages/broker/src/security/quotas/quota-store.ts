import type { Clock } from '@rivven/runtime'
import { ChangeQueue } from '../../change-queue.js'
import type { Documents } from '../../storage/own-storage.js'
import { AddressQuotas, ClientQuotas, QuotaCounts } from './client-quotas.js'
import type { Quotas } from './quota.js'
import { type AlteredEntity, alterQuotas, areOthers, type QuotaAlteration } from './quota-alteration.js'
import { QUOTA_DOCUMENT, readQuotas, writeQuotas } from './quota-document.js'
import { QuotaIndex } from './quota-index.js'
import { type QuotaWindows, usualWindows } from './quota-window.js'

export interface QuotaStoreOptions {
  readonly storage: Documents
  readonly clock: Clock
  /** How many may have quotas. Default 10,000. */
  readonly maxEntities?: number
  /** Default: Kafka's. */
  readonly windows?: QuotaWindows
}

/** The quotas of a broker: a change is durable before it counts, and counts before it is answered. */
export class QuotaStore {
  readonly #options: Required<QuotaStoreOptions>
  readonly #changes = new ChangeQueue()
  readonly #counts: QuotaCounts
  #quotas: Quotas = new Map()
  /** Undefined: nobody has any, so that nothing needs to be counted. A plain field: it is looked at for every request. */
  ofClients: ClientQuotas | undefined
  ofAddresses: AddressQuotas | undefined

  private constructor(options: Required<QuotaStoreOptions>, quotas: Quotas) {
    this.#options = options
    this.#counts = new QuotaCounts(options.windows)
    this.#follow(quotas)
  }

  /** @throws StoredDataError when what is stored are no quotas */
  static async open(options: QuotaStoreOptions): Promise<QuotaStore> {
    const content = await options.storage.readDocument(QUOTA_DOCUMENT)
    return new QuotaStore(
      { maxEntities: 10_000, windows: usualWindows, ...options },
      content ? readQuotas(content) : new Map(),
    )
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
    return this.#changes.run(async () => {
      const quotas = new Map(this.#quotas)
      const results = alterQuotas(quotas, alterations, this.#options.maxEntities)
      if (!validateOnly && areOthers(this.#quotas, quotas)) await this.#replace(quotas)
      return results
    })
  }

  /** Resolves when all changes asked for so far are done. */
  settled(): Promise<void> {
    return this.#changes.settled()
  }

  async #replace(quotas: Quotas): Promise<void> {
    const { storage, clock } = this.#options
    await storage.writeDocument(QUOTA_DOCUMENT, await writeQuotas(quotas, clock))
    this.#follow(quotas)
  }

  #follow(quotas: Quotas): void {
    this.#quotas = quotas
    const index = new QuotaIndex(quotas)
    this.ofClients = index.hasClients ? new ClientQuotas(index, this.#counts) : undefined
    this.ofAddresses = index.hasAddresses ? new AddressQuotas(index, this.#counts) : undefined
  }
}
