import type {
  BrokerRow,
  ChunkRow,
  DocumentChange,
  IdKind,
  ImageChanges,
  Metadata,
  NewTopicRow,
  TopicConfigured,
  TopicGrowth,
  TopicRow,
  TopicsChanged,
} from '../metadata.js'
import type { MemoryServer } from './memory-server.js'
import type { Statements } from './statements.js'
import type { DatedChunk, DatedTopic, LeasedBroker } from './tables.js'

export class MetadataStatements implements Statements<Metadata> {
  readonly #server: MemoryServer

  constructor(server: MemoryServer) {
    this.#server = server
  }

  changesSince(version: number): ImageChanges {
    const { tables } = this.#server
    const isNew = ({ changed }: { changed: number }) => changed > version
    return {
      clusterId: tables.clusterId,
      version: tables.version,
      brokers: [...tables.brokers.values()].filter(isNew).map(brokerRow),
      topics: [...tables.topics.values()].filter(isNew).map(topicRow),
      partitions: [...tables.partitions.values()].filter(isNew),
      documents: [...tables.documents.values()].filter(isNew),
      chunks: [...tables.chunks.values()].filter(isNew).map(chunkRow),
    }
  }

  createTopics(topics: readonly NewTopicRow[]): TopicsChanged {
    return this.#change(
      topics,
      ({ name }) => name,
      (topic, version) => this.#createTopic(topic, version),
    )
  }

  growTopics(growths: readonly TopicGrowth[]): TopicsChanged {
    return this.#change(growths, idOf, ({ topicId, from, leaders }, version) => {
      const topic = this.#live(topicId)
      if (topic?.partitionCount !== from) return false
      this.#replace(topic, { partitionCount: from + leaders.length, changed: version() })
      this.#addPartitions(topicId, from, leaders, version())
      return true
    })
  }

  configureTopics(changes: readonly TopicConfigured[]): TopicsChanged {
    return this.#change(changes, idOf, ({ topicId, expected, configs, keep }, version) => {
      const topic = this.#live(topicId)
      if (topic?.changed !== expected) return false
      this.#replace(topic, { configs, keep, changed: version() })
      return true
    })
  }

  deleteTopics(topicIds: readonly string[]): TopicsChanged {
    return this.#change(
      topicIds,
      (id) => id,
      (topicId, version) => {
        const topic = this.#server.tables.topics.get(topicId)
        if (topic === undefined) return false
        if (topic.isDeleted) return true
        this.#replace(topic, { isDeleted: true, deletedAt: this.#server.now, changed: version() })
        this.#server.tables.idsByName.delete(topic.name)
        this.#removePartitions(topicId)
        return true
      },
    )
  }

  takeIds(kind: IdKind, count: number): number {
    return this.#server.tables.takeIds(kind, count)
  }

  replaceDocument(name: string, expected: number, content: Buffer): DocumentChange {
    const { documents, version: before } = this.#server.tables
    if ((documents.get(name)?.changed ?? 0) !== expected) return { isDone: false, version: before }
    const version = this.#server.nextVersion()
    documents.set(name, { name, content: Buffer.from(content), changed: version })
    return { isDone: true, version }
  }

  /** One version for all items that change something; none if no item does. */
  #change<Item>(
    items: readonly Item[],
    nameOf: (item: Item) => string,
    apply: (item: Item, version: () => number) => boolean,
  ): TopicsChanged {
    const { tables } = this.#server
    let taken: number | undefined
    const version = () => {
      taken ??= this.#server.nextVersion()
      return taken
    }
    const done = new Set<string>()
    for (const item of items) if (apply(item, version)) done.add(nameOf(item))
    return { version: tables.version, done }
  }

  #createTopic({ leaders, ...topic }: NewTopicRow, version: () => number): boolean {
    const { tables } = this.#server
    const there = tables.idsByName.get(topic.name)
    if (there !== undefined || tables.topics.has(topic.topicId)) return there === topic.topicId
    const changed = version()
    const row = { ...topic, partitionCount: leaders.length, isDeleted: false, deletedAt: 0, changed }
    tables.topics.set(topic.topicId, row)
    tables.idsByName.set(topic.name, topic.topicId)
    this.#addPartitions(topic.topicId, 0, leaders, changed)
    return true
  }

  #addPartitions(topicId: string, from: number, leaders: readonly (number | null)[], changed: number): void {
    const { tables } = this.#server
    leaders.forEach((wanted, at) => {
      const broker = wanted === null ? undefined : tables.brokers.get(wanted)
      const isHere = broker !== undefined && !broker.isGone
      const leader = isHere ? broker.brokerId : null
      const incarnation = isHere ? broker.incarnation : 0
      const partId = tables.takeIds('partition', 1)
      tables.partitions.set(partId, { partId, topicId, index: from + at, leader, incarnation, epoch: 0, changed })
    })
  }

  #removePartitions(topicId: string): void {
    const { tables } = this.#server
    const gone = new Set<number>()
    for (const { partId, topicId: owner } of tables.partitions.values()) if (owner === topicId) gone.add(partId)
    for (const partId of gone) {
      tables.partitions.delete(partId)
      tables.checkpoints.delete(partId)
    }
    for (const { segmentId, partId } of tables.segments.values()) if (gone.has(partId)) this.#server.bury(segmentId)
  }

  #live(topicId: string): DatedTopic | undefined {
    const topic = this.#server.tables.topics.get(topicId)
    return topic?.isDeleted ? undefined : topic
  }

  #replace(topic: DatedTopic, by: Partial<DatedTopic>): void {
    this.#server.tables.topics.set(topic.topicId, { ...topic, ...by })
  }
}

const idOf = ({ topicId }: { topicId: string }) => topicId

function brokerRow({ leaseUntil: _, ...row }: LeasedBroker): BrokerRow {
  return row
}

function topicRow({ deletedAt: _, ...row }: DatedTopic): TopicRow {
  return row
}

function chunkRow({ closedAt: _, ...row }: DatedChunk): ChunkRow {
  return row
}
