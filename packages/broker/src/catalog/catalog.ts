import type { TopicLogConfig } from '../log/logs.js'

/** What topics there are. The catalog is one immutable image at a time; it is stored before a change is answered. */
export interface Topic {
  readonly name: string
  /** Text form of the topic id: base64url, 22 characters; new whenever a topic is made again. */
  readonly id: string
  readonly partitionCount: number
  /** How many brokers are told to be able to serve its partitions next, the leader among them. Absent: the leader only. */
  readonly replicationFactor?: number | undefined
  readonly isInternal: boolean
  /** Configs set on the topic itself, Kafka's names. */
  readonly configs: ReadonlyMap<string, string>
  /** What counts for the log: the topic's own configs over the broker's over the defaults. */
  readonly logConfig: TopicLogConfig
}

export interface NewTopic {
  readonly name: string
  readonly partitionCount: number
  /** Default: the broker's. A broker that is alone knows one only. */
  readonly replicationFactor?: number | undefined
  /** Who leads its partitions first, by index; default: the cluster decides. */
  readonly leaders?: readonly number[] | undefined
  readonly configs?: ReadonlyMap<string, string> | undefined
}

export interface TopicGrowth {
  readonly name: string
  /** How many partitions it shall have. */
  readonly count: number
  /** Who leads the new ones first, in their order; default: the cluster decides. */
  readonly leaders?: readonly number[] | undefined
}

export interface ConfigChange {
  readonly name: string
  readonly change: (configs: ReadonlyMap<string, string>) => ReadonlyMap<string, string>
}

/** Changes are durable, and their logs there, when they resolve; callers have checked names, counts and configs. */
export interface Catalog {
  readonly clusterId: string
  topic(name: string): Topic | undefined
  topicById(id: string): Topic | undefined
  /** All topics, by name. */
  topics(): readonly Topic[]
  /** The topic whose name differs in dots and underscores only. */
  collidingTopic(name: string): string | undefined
  /** How many more partitions are taken; those of the broker's own topics are made in any case. */
  readonly room: number
  /** Makes a topic, or finds the one that has its name. */
  createTopic(name: string, partitionCount: number, configs?: ReadonlyMap<string, string>): Promise<Topic>
  /**
   * Makes several topics with one write. Those that exist already are left as they are and not in the result, nor are
   * those for which there is no room.
   */
  createTopics(topics: readonly NewTopic[]): Promise<ReadonlyMap<string, Topic>>
  /** Deletes several topics with one write. Those that do not exist are left out. */
  deleteTopics(names: readonly string[]): Promise<void>
  /**
   * Adds partitions to several topics with one write; does nothing where there are as many already. Resolves to the topics
   * that have as many now: those for which there is no room have not.
   */
  growTopics(wanted: readonly TopicGrowth[]): Promise<ReadonlySet<string>>
  /** Replaces topics' own configs by what `change` makes of them; with one write. */
  configureTopics(changes: readonly ConfigChange[]): Promise<void>
  /** Calls back after every change that took effect (topic made, deleted, grown, configured). */
  onChange(listener: (change: CatalogChange) => void): () => void
  /** Resolves when all changes asked for so far are done. */
  settled(): Promise<void>
}

export type CatalogChange =
  | { kind: 'created'; topic: Topic }
  | { kind: 'deleted'; topic: Topic }
  | { kind: 'grown'; topic: Topic }
  | { kind: 'configured'; topic: Topic }
