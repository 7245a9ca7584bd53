import type { Runtime } from '@rivven/runtime'
import { Breath } from '../../breath.js'
import type { Catalog, CatalogChange, ConfigChange, NewTopic, Topic, TopicGrowth } from '../../catalog/catalog.js'
import { newId } from '../../catalog/ids.js'
import { madeOrFound, newAndFitting } from '../../catalog/new-topics.js'
import { TopicIndex } from '../../catalog/topic-index.js'
import { internalTopics } from '../../catalog/topic-name.js'
import { ChangeQueue } from '../../change-queue.js'
import type { BrokerConfig } from '../../config/broker-config.js'
import { topicLogConfig } from '../../config/topic-configs.js'
import type { Logs, LogTopic } from '../../log/logs.js'
import type { OwnStorage } from '../../storage/own-storage.js'
import { StoredDataError } from '../../storage/stored-data-error.js'
import type { Led } from '../cluster.js'
import {
  CATALOG_DOCUMENT,
  type CatalogDocument,
  readCatalog,
  type StoredTopic,
  writeCatalog,
} from './catalog-document.js'

const noConfigs: ReadonlyMap<string, string> = new Map()

export interface CatalogOptions {
  readonly storage: OwnStorage
  readonly runtime: Runtime
  readonly config: BrokerConfig
}

/** The catalog of a broker that is alone. Changes go through one queue; each is stored before anyone sees it. */
export class AloneCatalog implements Catalog {
  readonly clusterId: string
  readonly #options: CatalogOptions
  readonly #unconfigured: Pick<Topic, 'configs' | 'logConfig'>
  readonly #topics = new TopicIndex()
  readonly #listeners = new Set<(change: CatalogChange) => void>()
  /** Ids of deleted topics whose data may still be there. */
  readonly #deleting: Set<string>
  readonly #changes = new ChangeQueue()
  #logs: Logs | undefined
  #leaderEpoch = 0
  #open: (topic: LogTopic, partitions: readonly number[]) => Promise<void> = async () => undefined

  private constructor(options: CatalogOptions, document: CatalogDocument) {
    this.#options = options
    this.#unconfigured = { configs: noConfigs, logConfig: topicLogConfig(noConfigs, options.config) }
    this.clusterId = document.clusterId
    this.#deleting = new Set(document.deleting)
    for (const stored of document.topics) this.#topics.put(this.#topicOf(stored))
  }

  /**
   * Reads the stored catalog; makes an empty one with a new cluster id where nothing is stored at all.
   *
   * @throws StoredDataError when there are partitions, but no catalog
   */
  static async open(options: CatalogOptions): Promise<AloneCatalog> {
    const content = await options.storage.readDocument(CATALOG_DOCUMENT)
    if (content) return new AloneCatalog(options, readCatalog(content))
    await mustBeEmpty(options.storage)
    const document: CatalogDocument = { version: 1, clusterId: newId(options.runtime.random), topics: [] }
    await options.storage.writeDocument(CATALOG_DOCUMENT, writeCatalog(document))
    return new AloneCatalog(options, document)
  }

  /** The logs are opened from what the catalog says, and follow it from then on, all with one epoch. */
  follow(logs: Logs, leaderEpoch: number): void {
    this.#logs = logs
    this.#open = (topic, partitions) => logs.open(topic, partitions, leaderEpoch)
    this.#leaderEpoch = leaderEpoch
  }

  /** All partitions are led from now on, those that there are and those that are made; resolves when they are served. */
  lead(led: Pick<Led, 'open'>): Promise<void> {
    return this.#changes.run(async () => {
      this.#open = (topic, partitions) => led.open(topic, partitions, this.#leaderEpoch)
      await this.#inTurns(this.topics(), (topic) => this.#open(logTopicOf(topic), partitionsOf(topic)))
    })
  }

  /** Ids of topics that were deleted; what is still stored of them goes. */
  get deletedTopics(): ReadonlySet<string> {
    return this.#deleting
  }

  topic(name: string): Topic | undefined {
    return this.#topics.get(name)
  }

  topicById(id: string): Topic | undefined {
    return this.#topics.byId(id)
  }

  get room(): number {
    return Math.max(0, this.#options.config.max_partitions - this.#topics.partitionCount)
  }

  topics(): readonly Topic[] {
    return this.#topics.sorted()
  }

  collidingTopic(name: string): string | undefined {
    return this.#topics.colliding(name)
  }

  createTopic(name: string, partitionCount: number, configs?: ReadonlyMap<string, string>): Promise<Topic> {
    return madeOrFound(this, { name, partitionCount, configs })
  }

  createTopics(topics: readonly NewTopic[]): Promise<ReadonlyMap<string, Topic>> {
    return this.#changes.run(async () => {
      const made = new Map<string, Topic>()
      // An id costs 5 µs, a hundred times what else is made of a topic.
      const breath = new Breath(this.#options.runtime.clock)
      for (const { name, partitionCount, configs = new Map() } of newAndFitting(topics, this)) {
        const id = newId(this.#options.runtime.random)
        made.set(name, this.#topicOf({ name, id, partitionCount, configs: [...configs] }))
        if (breath.isDue) await breath.take()
      }
      if (made.size === 0) return made
      await this.#store([...this.#topics.all(), ...made.values()])
      await this.#inTurns(made.values(), async (topic) => {
        await this.#open(logTopicOf(topic), partitionsOf(topic))
        this.#topics.put(topic)
        this.#tell({ kind: 'created', topic })
      })
      return made
    })
  }

  deleteTopics(names: readonly string[]): Promise<void> {
    return this.#changes.run(async () => {
      const doomed = new Set(names.flatMap((name) => this.#topics.get(name) ?? []))
      if (doomed.size === 0) return
      for (const { id } of doomed) this.#deleting.add(id)
      try {
        await this.#store([...this.#topics.all()].filter((topic) => !doomed.has(topic)))
      } catch (error) {
        for (const { id } of doomed) this.#deleting.delete(id)
        throw error
      }
      await this.#inTurns(doomed, async (topic) => {
        this.#topics.remove(topic)
        this.#tell({ kind: 'deleted', topic })
        await this.#logs?.delete(topic.name)
        this.#deleting.delete(topic.id)
      })
    })
  }

  async growTopics(wanted: readonly TopicGrowth[]): Promise<ReadonlySet<string>> {
    let grown = 0
    const changes = wanted.map(({ name, count }) => ({
      name,
      change: (topic: Topic) => {
        const added = count - topic.partitionCount
        if (added <= 0 || added > this.room - grown) return topic
        grown += added
        return { ...topic, partitionCount: count }
      },
    }))
    await this.#replace('grown', changes, async (topic, { partitionCount }) => {
      await this.#open(logTopicOf(topic), partitionsOf(topic, partitionCount))
    })
    const has = ({ name, count }: TopicGrowth) => (this.topic(name)?.partitionCount ?? 0) >= count
    return new Set(wanted.filter(has).map(({ name }) => name))
  }

  configureTopics(changes: readonly ConfigChange[]): Promise<void> {
    const reconfigured = (topic: Topic, configs: ReadonlyMap<string, string>) => ({
      ...topic,
      configs,
      logConfig: topicLogConfig(configs, this.#options.config),
    })
    return this.#replace(
      'configured',
      changes.map(({ name, change }) => ({ name, change: (topic) => reconfigured(topic, change(topic.configs)) })),
      async ({ name, logConfig }) => this.#logs?.configure(name, logConfig),
    )
  }

  onChange(listener: (change: CatalogChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async settled(): Promise<void> {
    await this.#changes.settled()
  }

  /** Topics that do not exist, and those of which `change` returns the same, are left as they are. */
  #replace(
    kind: 'grown' | 'configured',
    changes: readonly { readonly name: string; readonly change: (topic: Topic) => Topic }[],
    effect: (topic: Topic, old: Topic) => Promise<void>,
  ): Promise<void> {
    return this.#changes.run(async () => {
      const changed = new Map<Topic, Topic>()
      for (const { name, change } of changes) {
        const old = this.#topics.get(name)
        const topic = old && change(old)
        if (old && topic && topic !== old) changed.set(old, topic)
      }
      if (changed.size === 0) return
      await this.#store(Array.from(this.#topics.all(), (topic) => changed.get(topic) ?? topic))
      await this.#inTurns(changed, async ([old, topic]) => {
        await effect(topic, old)
        this.#topics.put(topic)
        this.#tell({ kind, topic })
      })
    })
  }

  /** One after the other; where they are many, others have their turn in between. */
  async #inTurns<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
    const breath = new Breath(this.#options.runtime.clock)
    for (const item of items) {
      await work(item)
      if (breath.isDue) await breath.take()
    }
  }

  async #store(topics: readonly Topic[]): Promise<void> {
    const stored = topics.map(({ name, id, partitionCount, configs }) => ({
      name,
      id,
      partitionCount,
      configs: [...configs],
    }))
    const { clusterId } = this
    const content = writeCatalog({ version: 1, clusterId, topics: stored, deleting: [...this.#deleting] })
    await this.#options.storage.writeDocument(CATALOG_DOCUMENT, content)
  }

  #topicOf({ name, id, partitionCount, configs: stored }: StoredTopic): Topic {
    const isInternal = internalTopics.has(name)
    // Most topics have none: what they share they have once.
    if (stored.length === 0) return { name, id, partitionCount, isInternal, ...this.#unconfigured }
    const configs = new Map(stored)
    return { name, id, partitionCount, isInternal, configs, logConfig: topicLogConfig(configs, this.#options.config) }
  }

  #tell(change: CatalogChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}

/** A catalog that was lost must not pass for one that was never there. */
async function mustBeEmpty(storage: OwnStorage): Promise<void> {
  const topics = new Set((await storage.listPartitions()).map(({ topic, topicId }) => `${topic} (id ${topicId})`))
  if (topics.size === 0) return
  const names = [...topics].sort()
  const rest = names.length > 20 ? ` and ${names.length - 20} more` : ''
  throw new StoredDataError(
    `The catalog is lost (documents/catalog and documents/catalog.copy in the data folder), but there are data of ` +
      `${names.slice(0, 20).join(', ')}${rest}. Put back either file from a backup and start again; nothing was changed.`,
  )
}

export function logTopicOf({ name, id, logConfig }: Topic): LogTopic {
  return { name, id, configs: logConfig }
}

/** Its partitions from `first` on. */
export function partitionsOf({ partitionCount }: Topic, first = 0): number[] {
  return Array.from({ length: partitionCount - first }, (_, at) => first + at)
}
