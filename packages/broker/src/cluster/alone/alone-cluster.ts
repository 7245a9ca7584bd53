import { LogStore, type LogStoreOptions } from '../../log/log-store.js'
import type { Cluster, PartitionLeader } from '../cluster.js'
import { AloneCatalog, type CatalogOptions, logTopicOf, partitionsOf } from './alone-catalog.js'
import { nextStartEpoch } from './start-epoch.js'
import { clearStrays } from './strays.js'

/** A cluster of one: this broker leads every partition, from its start to its end. */
export class AloneCluster implements Cluster {
  readonly catalog: AloneCatalog
  readonly brokerId: number
  /** The same for all partitions. */
  readonly #epoch: number
  readonly #storage: CatalogOptions['storage']

  private constructor(catalog: AloneCatalog, epoch: number, { storage, config }: CatalogOptions) {
    this.catalog = catalog
    this.brokerId = config.node_id
    this.#epoch = epoch
    this.#storage = storage
  }

  /** @throws StoredDataError when what is stored of it is lost, or of an earlier time */
  static async open(options: CatalogOptions): Promise<AloneCluster> {
    const catalog = await AloneCatalog.open(options)
    return new AloneCluster(catalog, await nextStartEpoch(options.storage), options)
  }

  /** Opens the logs of all topics; from then on they follow the catalog. What is stored of other topics is set aside. */
  async openLogs(options: Omit<LogStoreOptions, 'storage'>): Promise<LogStore> {
    const { catalog } = this
    const logs = new LogStore({ ...options, storage: this.#storage })
    for (const topic of catalog.topics()) {
      await logs.open(logTopicOf(topic), partitionsOf(topic), this.#epoch)
    }
    await clearStrays(this.#storage, catalog, catalog.deletedTopics)
    catalog.follow(logs, this.#epoch)
    return logs
  }

  get controllerEpoch(): number {
    return this.#epoch
  }

  leaderOf(topic: string, partition: number): PartitionLeader | undefined {
    const count = this.catalog.topic(topic)?.partitionCount ?? 0
    return partition >= 0 && partition < count ? { brokerId: this.brokerId, epoch: this.#epoch } : undefined
  }
}
