import type { Logger } from 'pino'
import type { Catalog, CatalogChange } from '../catalog/catalog.js'
import type { Logs } from '../log/logs.js'
import type { PartitionLog } from '../log/partition-log.js'

/** Who serves what the partitions of one topic hold. */
export interface LeaderListener {
  /** This broker leads the partition from now on; resolves when what it holds is served. */
  gain(partition: number, log: PartitionLog): Promise<void>
  /** It does no longer; resolves when nothing of it is served or written any more. */
  lose(partition: number): Promise<void>
}

export interface LedPartitionsOptions {
  readonly catalog: Catalog
  readonly logs: Logs
  /** By topic, in the order in which they are served after a start. */
  readonly listeners: ReadonlyMap<string, LeaderListener>
  readonly log: Logger
}

/** Tells those who serve what partitions hold (coordinators) which of them are led here. A broker that is alone leads all. */
export class LedPartitions {
  readonly #options: LedPartitionsOptions
  #stopWatching: (() => void) | undefined

  constructor(options: LedPartitionsOptions) {
    this.#options = options
  }

  /** Resolves when all that there is is served. */
  async start(): Promise<void> {
    const { catalog, listeners } = this.#options
    this.#stopWatching = catalog.onChange((change) => this.#changed(change))
    for (const topic of listeners.keys()) await this.#gain(topic)
  }

  stop(): void {
    this.#stopWatching?.()
  }

  #changed({ kind, topic }: CatalogChange): void {
    // The broker's own topics neither grow nor go.
    if (kind !== 'created') return
    this.#gain(topic.name).catch((error) =>
      this.#options.log.error({ error, topic: topic.name }, 'it cannot be served'),
    )
  }

  async #gain(topic: string): Promise<void> {
    const { catalog, logs, listeners } = this.#options
    const listener = listeners.get(topic)
    if (!listener) return
    const gains: Promise<void>[] = []
    for (let partition = 0; partition < (catalog.topic(topic)?.partitionCount ?? 0); partition++) {
      const log = logs.get(topic, partition)
      if (!log) throw new Error(`${topic}-${partition} has no log.`)
      gains.push(listener.gain(partition, log))
    }
    await Promise.all(gains)
  }
}
