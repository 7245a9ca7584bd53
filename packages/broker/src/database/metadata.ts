import type { Address } from '@rivven/runtime'

/**
 * Topics, partitions and documents. Every change takes the next version and notes it as `changed` in the rows that it touches; calls
 * that change nothing take none. The version in an answer is that of the metadata with the change, or of now where nothing was
 * changed: whoever waits until its image has this version sees what the answer speaks of.
 */
export interface Metadata {
  /**
   * All rows that were changed after `version`, as they are at one moment; 0: everything. Rows of deleted topics are there for an hour
   * after the deletion: whoever has not asked for longer asks for everything.
   */
  changesSince(version: number): Promise<ImageChanges>

  /**
   * Makes topics with their partitions in epoch 0. A leader that is not here is noted as nobody (one that dies, or registers
   * again, meanwhile may be noted with an incarnation that is over: then nobody leads, and whoever sees it assigns).
   * `done`: names of which the topic that is there has the id that was given; a name that is there with another id is left as it is.
   * So a call made again has the same answer.
   */
  createTopics(topics: readonly NewTopicRow[]): Promise<TopicsChanged>

  /** Adds partitions to topics that have `from` of them. `done`: ids. Made again it does nothing: the count is in the image. */
  growTopics(growths: readonly TopicGrowth[]): Promise<TopicsChanged>

  /**
   * Replaces configs, of topics whose row was last changed in version `expected` (growing counts as a change). `done`: ids. Made
   * again it does nothing: the configs are in the image.
   */
  configureTopics(changes: readonly TopicConfigured[]): Promise<TopicsChanged>

  /**
   * Marks topics as deleted; their partitions and segments are gone with it, and appends of their leaders change nothing from then on.
   * `done`: ids, also those that were deleted before: so a call made again has the same answer.
   */
  deleteTopics(topicIds: readonly string[]): Promise<TopicsChanged>

  /** The first of `count` ids that nobody had before. Made again it gives others. */
  takeIds(kind: IdKind, count: number): Promise<number>

  /**
   * Replaces a document that was last changed in version `expected` (0: that does not exist). Made again it does nothing: the content is in
   * the image.
   */
  replaceDocument(name: string, expected: number, content: Buffer): Promise<DocumentChange>
}

export type IdKind = 'producer' | 'segment'

export interface ImageChanges {
  readonly clusterId: string
  /** Lower than the one that was asked about: the database was restored. */
  readonly version: number
  readonly brokers: readonly BrokerRow[]
  readonly topics: readonly TopicRow[]
  readonly partitions: readonly PartitionRow[]
  readonly documents: readonly DocumentRow[]
  readonly chunks: readonly ChunkRow[]
}

export interface BrokerRow {
  readonly brokerId: number
  readonly incarnation: number
  /** Where it is reached, by the name of the listener. */
  readonly addresses: ReadonlyMap<string, Address>
  readonly rack: string | null
  readonly software: string
  readonly isDraining: boolean
  readonly isGone: boolean
  readonly changed: number
}

export interface TopicRow {
  readonly topicId: string
  readonly name: string
  readonly configs: ReadonlyMap<string, string>
  readonly replicationFactor: number
  readonly keep: Keep
  readonly partitionCount: number
  /** Its partitions are gone. */
  readonly isDeleted: boolean
  readonly changed: number
}

/** Who leads a partition, and in which epoch: the fence of its log. */
export interface PartitionRow {
  readonly partId: number
  readonly topicId: string
  readonly index: number
  /** Null: nobody was given it. */
  readonly leader: number | null
  /** Of the leader; it leads only as long as this is its incarnation of now. */
  readonly incarnation: number
  readonly epoch: number
  readonly changed: number
}

export interface DocumentRow {
  readonly name: string
  readonly content: Buffer
  readonly changed: number
}

/** A part of the log's tables. New segments go to the chunk of their class that is not closed. */
export interface ChunkRow {
  readonly chunk: number
  readonly keep: Keep
  /** By the database's clock, ms since 1970. */
  readonly openedAt: number
  readonly isClosed: boolean
  readonly changed: number
}

/**
 * For how long records are kept, as one of a few classes: what goes at about the same time lies together and goes as a whole. The
 * lowest class whose time is at least retention.ms; 'kept' where that is longer than all, for ever, or the topic is compacted.
 */
export type Keep = (typeof keepClasses)[number]

export const keepClasses = ['1h', '12h', '3d', '10d', '60d', 'kept'] as const

/** Of each class; ms. */
export const keptForMs: Readonly<Record<Keep, number>> = {
  '1h': 3_600_000,
  '12h': 43_200_000,
  '3d': 259_200_000,
  '10d': 864_000_000,
  '60d': 5_184_000_000,
  kept: Number.POSITIVE_INFINITY,
}

export interface NewTopicRow {
  readonly topicId: string
  readonly name: string
  readonly configs: ReadonlyMap<string, string>
  readonly replicationFactor: number
  readonly keep: Keep
  /** A broker id, or null, for each partition. */
  readonly leaders: readonly (number | null)[]
}

export interface TopicGrowth {
  readonly topicId: string
  readonly from: number
  /** Of each new partition. */
  readonly leaders: readonly (number | null)[]
}

export interface TopicConfigured {
  readonly topicId: string
  readonly expected: number
  readonly configs: ReadonlyMap<string, string>
  readonly keep: Keep
}

export interface TopicsChanged {
  readonly version: number
  /** Of which topics the answer is yes. */
  readonly done: ReadonlySet<string>
}

export interface DocumentChange {
  readonly isDone: boolean
  readonly version: number
}
