import type { Address } from '@rivven/runtime'

/*
 * What a broker knows of its cluster at one moment. Images are never changed: a later one shares with the one before what
 * stayed the same, so that whoever compares two finds the differences by identity (`changedTopics`).
 */

/** A broker that is here. One that has left, or was found dead, is in no image. */
export interface BrokerNode {
  readonly id: number
  /** Rises whenever a broker of this id begins to serve; tells two processes with one id apart. */
  readonly incarnation: number
  /** What clients are told, by the name of the listener that they came by. */
  readonly addresses: ReadonlyMap<string, Address>
  readonly rack: string | null
  /** It hands over what it leads, and is given nothing. */
  readonly isDraining: boolean
}

/** Who leads a partition. */
export interface PartitionLeader {
  /** What the partition is called in storage that brokers share; 0 where they share none. */
  readonly partId: number
  /** Null: nobody leads it now. Else the id of a broker, which need not be here any more. */
  readonly leader: number | null
  /** Of the present leadership, or of the last one: it rises with each, and none is given twice. */
  readonly epoch: number
}

export interface TopicImage {
  readonly name: string
  /** Text form of the topic id; new whenever a topic is made again. */
  readonly id: string
  /** By index. */
  readonly partitions: readonly PartitionLeader[]
}

export interface ClusterImage {
  /** All changes up to this one are in it, and perhaps some later ones; -1 before anything is known. */
  readonly version: number
  /** By id, lowest first. */
  readonly brokers: ReadonlyMap<number, BrokerNode>
  /** By name. Of a topic that is unchanged it is the same object as in the image before. */
  readonly topics: ReadonlyMap<string, TopicImage>
  readonly asked: AskedLeaders
}

/** By partition (`partId`): the broker that somebody wants to lead it. As long as that one may lead, balance moves it nowhere else. */
export type AskedLeaders = ReadonlyMap<number, number>

export const emptyImage: ClusterImage = { version: -1, brokers: new Map(), topics: new Map(), asked: new Map() }

/** Undefined: there is no such partition. */
export function leaderOf({ topics }: ClusterImage, topic: string, partition: number): PartitionLeader | undefined {
  return topics.get(topic)?.partitions[partition]
}

/** What became of one topic; undefined where there is none of the name. One that was made again has another id. */
export interface TopicChange {
  readonly name: string
  readonly now: TopicImage | undefined
  readonly before: TopicImage | undefined
}

/** The topics that are others than before, those that are gone first. */
export function changedTopics(now: ClusterImage, before: ClusterImage): TopicChange[] {
  if (now.topics === before.topics) return []
  const changes: TopicChange[] = []
  for (const [name, topic] of before.topics) {
    if (!now.topics.has(name)) changes.push({ name, now: undefined, before: topic })
  }
  for (const [name, topic] of now.topics) {
    const old = before.topics.get(name)
    if (old !== topic) changes.push({ name, now: topic, before: old })
  }
  return changes
}
