import { highestProducerId } from '../../log/highest-producer-id.js'
import type { LogStoreOptions } from '../../log/log-store.js'
import { LogStore } from '../../log/log-store.js'
import type { AskedLeader, Cluster, OwnBroker } from '../cluster.js'
import { ClusterCounts } from '../cluster-counts.js'
import type { ClusterImage } from '../image.js'
import { AloneCatalog, type CatalogOptions, logTopicOf, partitionsOf } from './alone-catalog.js'
import { AloneDocuments } from './alone-documents.js'
import { AloneImage } from './alone-image.js'
import { AloneProducerIds } from './alone-producer-ids.js'
import { nextStartEpoch } from './start-epoch.js'
import { clearStrays } from './strays.js'

export interface AloneClusterOptions extends CatalogOptions {
  /** Something that an operator should know of. */
  readonly warn: (text: string) => void
}

/** A cluster of one: this broker leads every partition, from its start to its end. */
export class AloneCluster implements Cluster {
  readonly catalog: AloneCatalog
  readonly documents: AloneDocuments
  readonly brokerId: number
  /** The metadata are this broker's, and nobody else's: the epoch of its start, as that of all partitions. */
  readonly controllerEpoch: number
  /** There is nowhere to go. */
  readonly moves = []
  /** Nobody takes its place. */
  readonly isServing = true
  readonly leaseAgeMs = null
  readonly counts = new ClusterCounts()
  readonly storageFigures = undefined
  readonly #options: AloneClusterOptions
  readonly #image: AloneImage
  #producerIds: AloneProducerIds | undefined

  private constructor(catalog: AloneCatalog, epoch: number, options: AloneClusterOptions) {
    const { config, storage, runtime } = options
    this.catalog = catalog
    this.documents = new AloneDocuments(storage)
    this.brokerId = config.node_id
    this.controllerEpoch = epoch
    this.#options = options
    const self = { id: config.node_id, incarnation: epoch, addresses: new Map(), rack: null, isDraining: false }
    const leader = { partId: 0, leader: config.node_id, epoch }
    this.#image = new AloneImage({ catalog, clock: runtime.clock, leader, self })
  }

  /** @throws StoredDataError when what is stored of it is lost, or of an earlier time */
  static async open(options: AloneClusterOptions): Promise<AloneCluster> {
    const catalog = await AloneCatalog.open(options)
    return new AloneCluster(catalog, await nextStartEpoch(options.storage), options)
  }

  /** Opens the logs of all topics; from then on they follow the catalog. What is stored of other topics is set aside. */
  async openLogs(options: Omit<LogStoreOptions, 'storage'>): Promise<LogStore> {
    const { catalog, controllerEpoch } = this
    const { storage, warn } = this.#options
    const logs = new LogStore({ ...options, storage })
    for (const topic of catalog.topics()) {
      await logs.open(logTopicOf(topic), partitionsOf(topic), controllerEpoch)
    }
    await clearStrays(storage, catalog, catalog.deletedTopics)
    catalog.follow(logs, controllerEpoch)
    const highestStored = () => highestProducerId(logs, catalog.topics())
    this.#producerIds = await AloneProducerIds.open({ storage, highestStored, warn })
    return logs
  }

  get image(): ClusterImage {
    return this.#image.now
  }

  onChange(listener: (now: ClusterImage, before: ClusterImage) => void): () => void {
    return this.#image.onChange(listener)
  }

  reserveProducerIds(count: number, above: number): Promise<number> {
    if (!this.#producerIds) throw new Error('The logs must be open: they know which producer ids are in use.')
    return this.#producerIds.reserve(count, above)
  }

  /** All is open before the first client comes in. */
  async start({ led, listen }: OwnBroker): Promise<void> {
    await this.catalog.lead(led)
    this.#image.showSelf({ addresses: await listen() })
  }

  /** There is nobody else. */
  async askLeaders(): Promise<ReadonlySet<AskedLeader>> {
    return new Set()
  }

  /** Nobody is there to take over: it says so, and leads on. */
  async drain(brokerId: number, isDraining: boolean): Promise<void> {
    if (brokerId === this.brokerId) this.#image.showSelf({ isDraining })
  }

  async leave(): Promise<void> {
    // There is nobody to whom anything could be handed over.
  }

  async abandon(): Promise<void> {
    // What is stored stays as it is.
  }
}
