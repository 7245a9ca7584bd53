import { ErrorCode, type FetchRequest } from '@rivven/protocol'
import type { Catalog, Topic } from '../catalog/catalog.js'
import type { PartitionFinder, Place } from '../cluster/partition-finder.js'
import type { PartitionView } from '../log/partition-log.js'

/** What a client asks of one partition, by the topic's name (up to version 12) or its id. */
export interface FetchWish {
  topic: string
  topicId: string
  partition: number
  currentLeaderEpoch: number
  fetchOffset: number
  lastFetchedEpoch: number
  maxBytes: number
}

/** A wish and the log that can fulfil it; or the error where there is none. */
export interface FetchTarget {
  readonly wish: FetchWish
  readonly log: PartitionView | undefined
  readonly missing: number
}

export function wishesOf(request: FetchRequest): FetchWish[] {
  const wishes: FetchWish[] = []
  for (const { topic, topicId, partitions } of request.topics) {
    for (const asked of partitions) {
      wishes.push({
        topic,
        topicId,
        partition: asked.partition,
        currentLeaderEpoch: asked.currentLeaderEpoch,
        fetchOffset: asked.fetchOffset,
        lastFetchedEpoch: asked.lastFetchedEpoch,
        maxBytes: asked.partitionMaxBytes,
      })
    }
  }
  return wishes
}

export interface TargetSources {
  readonly catalog: Catalog
  readonly partitions: PartitionFinder
  /** Are topics named by their ids? */
  readonly usesIds: boolean
  mayRead(topic: string): boolean
}

export function targetOf(wish: FetchWish, { catalog, partitions, usesIds, mayRead }: TargetSources): FetchTarget {
  const topic: Topic | undefined = usesIds ? catalog.topicById(wish.topicId) : catalog.topic(wish.topic)
  if (!topic && usesIds) return { wish, log: undefined, missing: ErrorCode.UNKNOWN_TOPIC_ID }
  if (!mayRead(topic?.name ?? wish.topic))
    return { wish, log: undefined, missing: ErrorCode.TOPIC_AUTHORIZATION_FAILED }
  const name = topic?.name ?? wish.topic
  const log = partitions.view(name, wish.partition)
  return { wish, log, missing: log ? ErrorCode.NONE : partitions.faultOf(name, wish.partition) }
}

/** Where they are, as far as the topics are known. */
export function* placesOf(wishes: Iterable<FetchWish>, catalog: Catalog): Generator<Place> {
  for (const { topic, topicId, partition } of wishes) {
    const name = topic === '' ? catalog.topicById(topicId)?.name : topic
    if (name !== undefined) yield [name, [partition]]
  }
}
