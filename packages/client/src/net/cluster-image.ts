import { ErrorCode, type MetadataResponse, ZERO_UUID } from '@rivven/protocol'
import type { TopicPartition } from '../topic-partition.js'

/** What a Metadata answer said, merged over time. Never changed: an update makes a new image. */
export interface ClusterImage {
  readonly brokers: ReadonlyMap<number, BrokerNode>
  /** Some live broker that takes admin requests; -1 when unknown. */
  readonly controllerId: number
  readonly clusterId: string | null
  readonly topics: ReadonlyMap<string, TopicImage>
}

export interface BrokerNode {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface TopicImage {
  readonly name: string
  /** 22 characters; all zero when the broker gives no ids. A new id for a name means that the topic was made anew. */
  readonly id: string
  readonly errorCode: number
  readonly isInternal: boolean
  /** In the order of their numbers, with or without a leader. */
  readonly partitions: readonly PartitionImage[]
}

export interface PartitionImage {
  readonly partition: number
  readonly errorCode: number
  /** Node id, or -1 while there is none. */
  readonly leader: number
  /** -1 when the broker gives none. */
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly offline: readonly number[]
}

/** A newer leader that an answer to Produce or Fetch told of (data-plane §8.4, §9.3). */
export interface LeaderHint {
  topic: string
  partition: number
  leader: number
  leaderEpoch: number
}

export const emptyImage: ClusterImage = { brokers: new Map(), controllerId: -1, clusterId: null, topics: new Map() }

type MetadataTopic = MetadataResponse['topics'][number]

/** The image after an answer. An answer about all topics replaces them all, any other only those that it names. */
export function mergeMetadata(image: ClusterImage, answer: MetadataResponse, aboutAll: boolean): ClusterImage {
  const topics = new Map(aboutAll ? [] : image.topics)
  for (const topic of answer.topics) {
    if (topic.name !== null) topics.set(topic.name, mergeTopic(image.topics.get(topic.name), topic, topic.name))
  }
  const brokers = answer.brokers.map(({ nodeId, host, port, rack }) => ({ id: nodeId, host, port, rack }))
  return {
    brokers: new Map(brokers.map((broker) => [broker.id, broker])),
    controllerId: answer.controllerId,
    clusterId: answer.clusterId,
    topics,
  }
}

/** A leader epoch that goes backwards is the answer of a broker that is behind: what is known stays (data-plane §18, 27). */
function mergeTopic(known: TopicImage | undefined, topic: MetadataTopic, name: string): TopicImage {
  const isSame = known !== undefined && known.id === topic.topicId && topic.topicId !== ZERO_UUID
  const partitions = topic.partitions
    .map((entry) => {
      const before = isSame ? partitionOf(known, entry.partitionIndex) : undefined
      const isStale = before !== undefined && entry.leaderEpoch >= 0 && entry.leaderEpoch < before.leaderEpoch
      return {
        partition: entry.partitionIndex,
        errorCode: isStale ? before.errorCode : entry.errorCode,
        leader: isStale ? before.leader : entry.leaderId,
        leaderEpoch: isStale ? before.leaderEpoch : entry.leaderEpoch,
        replicas: entry.replicaNodes,
        isr: entry.isrNodes,
        offline: entry.offlineReplicas,
      }
    })
    .sort((a, b) => a.partition - b.partition)
  const keepsPartitions = topic.errorCode !== ErrorCode.NONE && partitions.length === 0 && known !== undefined
  return {
    name,
    id: keepsPartitions ? known.id : topic.topicId,
    errorCode: topic.errorCode,
    isInternal: topic.isInternal,
    partitions: keepsPartitions ? known.partitions : partitions,
  }
}

/** The image with a leader that another answer told of; the same image when it is not newer than what is known. */
export function withLeader(image: ClusterImage, hint: LeaderHint): ClusterImage {
  const topic = image.topics.get(hint.topic)
  const known = topic && partitionOf(topic, hint.partition)
  if (!known || hint.leader < 0 || hint.leaderEpoch <= known.leaderEpoch) return image
  const changed = { ...known, leader: hint.leader, leaderEpoch: hint.leaderEpoch, errorCode: ErrorCode.NONE }
  const partitions = topic.partitions.map((entry) => (entry === known ? changed : entry))
  return { ...image, topics: new Map(image.topics).set(hint.topic, { ...topic, partitions }) }
}

export function partitionOf(topic: TopicImage, partition: number): PartitionImage | undefined {
  const entry = topic.partitions[partition]
  return entry?.partition === partition ? entry : topic.partitions.find((other) => other.partition === partition)
}

/** What requests about a partition bring along (KIP-320); -1 when none is known. */
export function leaderEpochIn({ topics }: ClusterImage, { topic, partition }: TopicPartition): number {
  const image = topics.get(topic)
  return (image && partitionOf(image, partition)?.leaderEpoch) ?? -1
}
