import { ZERO_UUID } from '@rivven/protocol'
import { byTopic, partitionKey } from '../../topic-partition.js'
import type { PartitionState } from '../state/partition-state.js'

/** What is to be fetched of one partition. */
export interface FetchTarget {
  readonly state: PartitionState
  /** Of the state when the target was made. */
  readonly version: number
  readonly topic: string
  /** ZERO_UUID: the broker gives none. */
  readonly topicId: string
  readonly partition: number
  readonly fetchOffset: number
  readonly currentLeaderEpoch: number
  readonly partitionMaxBytes: number
}

/** The part of a Fetch request that a session is about. */
export interface SessionRequest {
  sessionId: number
  sessionEpoch: number
  topics: { topic: string; topicId: string; partitions: TargetPartition[] }[]
  forgottenTopicsData: { topic: string; topicId: string; partitions: number[] }[]
}

interface TargetPartition {
  partition: number
  currentLeaderEpoch: number
  fetchOffset: number
  partitionMaxBytes: number
}

const maxEpoch = 2 ** 31 - 1

/**
 * The client's side of a fetch session with one broker (KIP-227, data-plane §9.6): it remembers what the broker was told,
 * so that later requests name only what changed.
 */
export class FetchSession {
  #id = 0
  #epoch = 0
  #usesIds = false
  #known = new Map<string, FetchTarget>()

  /** The next request. It must be followed by `accepted` or `failed` before the one after it. */
  request(targets: readonly FetchTarget[], usesIds: boolean): SessionRequest {
    // A session made with names cannot go on with ids (error 106).
    if (usesIds !== this.#usesIds) this.#epoch = 0
    this.#usesIds = usesIds
    const wanted = new Map(targets.map((target) => [partitionKey(target.topic, target.partition), target]))
    const known = this.#known
    this.#known = wanted
    const full = this.#epoch === 0
    const changed = full ? targets : targets.filter((target) => isNews(target, known))
    const gone = full ? [] : [...known].filter(([key, target]) => isGone(target, wanted.get(key)))
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: topicsOf(changed),
      forgottenTopicsData: forgottenOf(gone.map(([, target]) => target)),
    }
  }

  /** Takes the session id of an answer without error; 0: the broker keeps no session. */
  accepted(sessionId: number): void {
    const goesOn = this.#epoch === 0 || sessionId === this.#id
    if (sessionId === 0 || !goesOn) {
      this.forget()
      return
    }
    this.#id = sessionId
    this.#epoch = this.#epoch === maxEpoch ? 1 : this.#epoch + 1
  }

  /** No answer came, or one with an error: what the broker knows is unknown, so it is told to begin anew. */
  failed(): void {
    this.#epoch = 0
  }

  /** The broker does not know the session (any more). */
  forget(): void {
    this.#id = 0
    this.#epoch = 0
  }
}

function isNews(target: FetchTarget, known: ReadonlyMap<string, FetchTarget>): boolean {
  const told = known.get(partitionKey(target.topic, target.partition))
  return (
    told === undefined ||
    told.fetchOffset !== target.fetchOffset ||
    told.currentLeaderEpoch !== target.currentLeaderEpoch ||
    told.partitionMaxBytes !== target.partitionMaxBytes ||
    told.topicId !== target.topicId
  )
}

/** Also a topic that was made anew: its old id has to go. */
function isGone(told: FetchTarget, wanted: FetchTarget | undefined): boolean {
  return wanted === undefined || (wanted.topicId !== told.topicId && told.topicId !== ZERO_UUID)
}

function topicsOf(targets: readonly FetchTarget[]): SessionRequest['topics'] {
  return [...byTopic(targets)].map(([topic, ofTopic]) => ({
    topic,
    topicId: ofTopic[0]!.topicId,
    partitions: ofTopic.map(({ partition, currentLeaderEpoch, fetchOffset, partitionMaxBytes }) => {
      return { partition, currentLeaderEpoch, fetchOffset, partitionMaxBytes }
    }),
  }))
}

function forgottenOf(targets: readonly FetchTarget[]): SessionRequest['forgottenTopicsData'] {
  return [...byTopic(targets)].map(([topic, ofTopic]) => ({
    topic,
    topicId: ofTopic[0]!.topicId,
    partitions: ofTopic.map(({ partition }) => partition),
  }))
}
