import type { Runtime } from '@rivven/runtime'
import type { Catalog, CatalogChange, ConfigChange, NewTopic, Topic, TopicGrowth } from '../../catalog/catalog.js'
import { newId } from '../../catalog/ids.js'
import { madeOrFound, newAndFitting } from '../../catalog/new-topics.js'
import { TopicIndex } from '../../catalog/topic-index.js'
import { internalTopics } from '../../catalog/topic-name.js'
import { ChangeQueue } from '../../change-queue.js'
import type { BrokerConfig } from '../../config/broker-config.js'
import { topicLogConfig } from '../../config/topic-configs.js'
import type { Metadata, NewTopicRow, TopicRow, TopicsChanged } from '../../database/metadata.js'
import type { ClusterImage } from '../image.js'
import { firstLeaders, type NewPartitions } from '../placement/first-leaders.js'
import { CALL_MS } from './cluster-times.js'
import type { ImageFollower } from './image/image-follower.js'
import type { ChangedRows } from './image/image-rows.js'
import { insist } from './insist.js'
import { keepOf } from './keep-class.js'
import { placementIn } from './moves.js'

/** Partitions that are being made, and who leads them first, where that was asked for. */
interface Wanted extends NewPartitions {
  readonly leaders?: readonly number[] | undefined
}

export interface SharedCatalogOptions {
  readonly metadata: Metadata
  readonly follower: ImageFollower
  readonly runtime: Runtime
  readonly config: BrokerConfig
  /** Resolves when those partitions of a topic that are led here are open, or closed, as the image has it. */
  settled(topic: string): Promise<void>
}

/**
 * The topics of a cluster. A change is a statement; it is answered when this broker's own image has it. Where nobody knows whether
 * it was done it is made again: ids are chosen before, so a repeated creation finds its own topic.
 *
 * All changes reject with UnavailableError or UnknownOutcomeError where the database does not answer within five seconds.
 */
export class SharedCatalog implements Catalog {
  readonly #options: SharedCatalogOptions
  readonly #topics = new TopicIndex()
  readonly #listeners = new Set<(change: CatalogChange) => void>()
  /** One after the other: the next one counts from the image with the last one. */
  readonly #changes = new ChangeQueue()

  constructor(options: SharedCatalogOptions) {
    this.#options = options
    options.follower.onChange((now, before, changed) => this.#follow(now, before, changed))
  }

  get clusterId(): string {
    return this.#options.follower.clusterId
  }

  topic(name: string): Topic | undefined {
    return this.#topics.get(name)
  }

  topicById(id: string): Topic | undefined {
    return this.#topics.byId(id)
  }

  topics(): readonly Topic[] {
    return this.#topics.sorted()
  }

  collidingTopic(name: string): string | undefined {
    return this.#topics.colliding(name)
  }

  get room(): number {
    return Math.max(0, this.#options.config.max_partitions - this.#topics.partitionCount)
  }

  createTopic(name: string, partitionCount: number, configs?: ReadonlyMap<string, string>): Promise<Topic> {
    return madeOrFound(this, { name, partitionCount, configs })
  }

  createTopics(topics: readonly NewTopic[]): Promise<ReadonlyMap<string, Topic>> {
    return this.#changes.run(async () => {
      const rows = this.#newRows(topics)
      if (rows.length === 0) return new Map()
      const { done } = await this.#statement(() => this.#options.metadata.createTopics(rows))
      // One that another broker has made first is not this one's.
      const made = rows.flatMap(({ name, topicId }) => (done.has(name) ? (this.topicById(topicId) ?? []) : []))
      await this.#settled(made)
      return new Map(made.map((topic) => [topic.name, topic]))
    })
  }

  deleteTopics(names: readonly string[]): Promise<void> {
    return this.#changes.run(async () => {
      const doomed = names.flatMap((name) => this.topic(name) ?? [])
      if (doomed.length === 0) return
      const ids = doomed.map(({ id }) => id)
      await this.#statement(() => this.#options.metadata.deleteTopics(ids))
      await this.#settled(doomed)
    })
  }

  growTopics(wanted: readonly TopicGrowth[]): Promise<ReadonlySet<string>> {
    return this.#changes.run(async () => {
      const growing = this.#growths(wanted)
      if (growing.length > 0) {
        const leaders = this.#leadersOf(growing)
        const growths = growing.map(({ topic, from }, at) => ({ topicId: topic.id, from, leaders: leaders[at] ?? [] }))
        await this.#statement(() => this.#options.metadata.growTopics(growths))
        await this.#settled(growing.map(({ topic }) => topic))
      }
      const has = ({ name, count }: TopicGrowth) => (this.topic(name)?.partitionCount ?? 0) >= count
      return new Set(wanted.filter(has).map(({ name }) => name))
    })
  }

  configureTopics(changes: readonly ConfigChange[]): Promise<void> {
    return this.#changes.run(async () => {
      let left = changes
      // Whoever comes second makes its change from what the first one has made of it.
      while (left.length > 0) left = await this.#configure(left)
    })
  }

  onChange(listener: (change: CatalogChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async settled(): Promise<void> {
    await this.#changes.settled()
  }

  #newRows(topics: readonly NewTopic[]): NewTopicRow[] {
    const { runtime, config } = this.#options
    const wanted = [...newAndFitting(topics, this)]
    const leaders = this.#leadersOf(
      wanted.map(({ name, partitionCount, leaders }) => ({ name, count: partitionCount, leaders })),
    )
    return wanted.map(({ name, configs = new Map(), replicationFactor }, at) => ({
      topicId: newId(runtime.random),
      name,
      configs,
      replicationFactor: replicationFactor ?? config.default_replication_factor,
      keep: keepOf(topicLogConfig(configs, config)),
      leaders: leaders[at] ?? [],
    }))
  }

  #growths(wanted: readonly TopicGrowth[]) {
    let { room } = this
    return wanted.flatMap(({ name, count: total, leaders }) => {
      const topic = this.topic(name)
      const from = topic?.partitionCount ?? 0
      const count = total - from
      if (!topic || count <= 0 || count > room) return []
      room -= count
      return [{ topic, name, from, count, leaders }]
    })
  }

  /** As it was asked for, else as it fits. Nobody leads what is made while nobody may: whoever comes takes it. */
  #leadersOf(wanted: readonly Wanted[]): (readonly (number | null)[])[] {
    const placement = placementIn(this.#options.follower.image)
    if (placement.brokers.length === 0) return wanted.map(({ count }) => Array<null>(count).fill(null))
    const free = wanted.filter(({ leaders }) => leaders === undefined)
    const found = new Map(firstLeaders(placement, free).map((leaders, at) => [free[at], leaders]))
    return wanted.map((one) => one.leaders ?? found.get(one) ?? [])
  }

  /** Answers the changes that are still to be made. */
  async #configure(changes: readonly ConfigChange[]): Promise<readonly ConfigChange[]> {
    const { metadata, config, follower } = this.#options
    const changed = changes.flatMap((change) => {
      const topic = this.topic(change.name)
      const row = topic && follower.rows.topics.get(topic.id)
      const configs = topic && change.change(topic.configs)
      if (!row || !configs || isSameMap(configs, row.configs)) return []
      const { topicId, changed: expected } = row
      return [{ change, row: { topicId, expected, configs, keep: keepOf(topicLogConfig(configs, config)) } }]
    })
    if (changed.length === 0) return []
    const { done } = await this.#statement(() => metadata.configureTopics(changed.map(({ row }) => row)))
    const isThere = ({ topicId, configs }: { topicId: string; configs: ReadonlyMap<string, string> }) =>
      done.has(topicId) || isSameMap(configs, follower.rows.topics.get(topicId)?.configs)
    return changed.filter(({ row }) => !isThere(row)).map(({ change }) => change)
  }

  /** Resolves when the image has what it did. */
  async #statement(make: () => Promise<TopicsChanged>): Promise<TopicsChanged> {
    const { follower, runtime } = this.#options
    follower.mustFollow()
    const answer = await insist(runtime.clock, CALL_MS, make)
    await follower.reach(answer.version)
    return answer
  }

  async #settled(topics: readonly Topic[]): Promise<void> {
    await Promise.all(topics.map(({ name }) => this.#options.settled(name)))
  }

  #follow(_now: ClusterImage, _before: ClusterImage, { topics }: ChangedRows): void {
    const { rows } = this.#options.follower
    const gone = [...topics].filter((id) => !rows.topics.has(id))
    for (const id of gone) this.#remove(id)
    for (const id of topics) {
      const row = rows.topics.get(id)
      if (row) this.#put(row)
    }
  }

  #remove(id: string): void {
    const topic = this.#topics.byId(id)
    if (!topic) return
    this.#topics.remove(topic)
    this.#tell({ kind: 'deleted', topic })
  }

  #put(row: TopicRow): void {
    const old = this.#topics.byId(row.topicId)
    const isGrown = old !== undefined && old.partitionCount !== row.partitionCount
    const isConfigured = old !== undefined && !isSameMap(old.configs, row.configs)
    if (old && !isGrown && !isConfigured) return
    const topic = this.#topicOf(row)
    this.#topics.put(topic)
    if (!old) this.#tell({ kind: 'created', topic })
    if (isGrown) this.#tell({ kind: 'grown', topic })
    if (isConfigured) this.#tell({ kind: 'configured', topic })
  }

  #topicOf({ topicId, name, configs, partitionCount, replicationFactor }: TopicRow): Topic {
    const logConfig = topicLogConfig(configs, this.#options.config)
    const isInternal = internalTopics.has(name)
    return { name, id: topicId, partitionCount, replicationFactor, isInternal, configs, logConfig }
  }

  #tell(change: CatalogChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}

function isSameMap(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string> | undefined): boolean {
  return one.size === other?.size && [...one].every(([key, value]) => other?.get(key) === value)
}
