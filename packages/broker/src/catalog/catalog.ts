import type { TopicLogConfig } from '../log/logs.js'

/** What topics there are. The catalog is one immutable image at a time; it is stored before a change is answered. */
export interface Topic {
  readonly name: string
  /** Text form of the topic id: base64url, 22 characters; new whenever a topic is made again. */
  readonly id: string
  readonly partitionCount: number
  readonly isInternal: boolean
  /** Configs set on the topic itself, Kafka's names. */
  readonly configs: ReadonlyMap<string, string>
  /** What counts for the log: the topic's own configs over the broker's over the defaults. */
  readonly logConfig: TopicLogConfig
}

export interface Catalog {
  readonly clusterId: string
  topic(name: string): Topic | undefined
  topicById(id: string): Topic | undefined
  /** All topics, by name. */
  topics(): readonly Topic[]
  /** Makes a topic with its logs; durable when it resolves. The caller has checked name, counts and configs. */
  createTopic(name: string, partitionCount: number, configs?: ReadonlyMap<string, string>): Promise<Topic>
  deleteTopic(name: string): Promise<void>
  /** Calls back after every change that took effect (topic made, deleted, grown, configured). */
  onChange(listener: (change: CatalogChange) => void): () => void
}

export type CatalogChange =
  | { kind: 'created'; topic: Topic }
  | { kind: 'deleted'; topic: Topic }
  | { kind: 'grown'; topic: Topic }
  | { kind: 'configured'; topic: Topic }
