import { errorFromCode } from '@rivven/link'
import { ErrorCode, ZERO_UUID } from '@rivven/protocol'
import type { Cluster } from '../../net/cluster.js'
import { leaderEpochIn, partitionOf } from '../../net/cluster-image.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { PartitionState } from '../state/partition-state.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import type { TopicWatch } from '../state/topic-watch.js'
import type { Troubles } from '../state/troubles.js'
import type { FetchBuffers } from './fetch-buffers.js'
import type { FetchTarget } from './fetch-session.js'

export interface FetchTargetsParts {
  cluster: Cluster
  settings: ConsumerSettings
  subscription: SubscriptionState
  watch: TopicWatch
  troubles: Troubles
  buffers: FetchBuffers
  /** Whether a request on its way is about this partition, at its present place. */
  isInFlight(state: PartitionState): boolean
  /** Before this moment (monotonic) nothing is asked of the broker. */
  retryAt(broker: number): number
}

export interface DueTargets {
  /** By broker. */
  targets: Map<number, FetchTarget[]>
  /** Whether a partition was left out because its buffer is full. */
  isFull: boolean
  /** When the next partition or broker may be tried; Infinity: none waits. */
  retryAt: number
}

/** Which partitions can be fetched now, and of whom. */
export class FetchTargets {
  readonly #parts: FetchTargetsParts

  constructor(parts: FetchTargetsParts) {
    this.#parts = parts
  }

  due(now: number): DueTargets {
    const { subscription, settings, troubles, buffers, isInFlight } = this.#parts
    const targets = new Map<number, FetchTarget[]>()
    let isFull = false
    let retryAt = Number.POSITIVE_INFINITY
    const fetchable = [...subscription.assigned].filter((state) => state.isFetchable)
    // What could not be fetched may have gone to somebody else.
    if (fetchable.length === 0) troubles.isWell('fetch')
    for (const state of fetchable) {
      if (isInFlight(state)) continue
      if (buffers.pendingBytes(state) >= settings.maxPartitionFetchBytes) {
        isFull = true
        continue
      }
      const broker = this.#brokerOf(state, now)
      if (broker === undefined) {
        this.#noLeader(state, now)
        continue
      }
      const notBefore = Math.max(state.refusedBy === broker ? state.retryAt : 0, this.#parts.retryAt(broker))
      if (notBefore > now) retryAt = Math.min(retryAt, notBefore)
      else addTo(targets, broker, this.#target(state))
    }
    return { targets, isFull, retryAt }
  }

  /** Of these, as they are now, what is still to be fetched of this broker. */
  stillDue(targets: readonly FetchTarget[], broker: number): FetchTarget[] {
    const now = this.#parts.cluster.runtime.clock.monotonic()
    const isDue = ({ state, version }: FetchTarget) =>
      state.isAssigned && state.version === version && state.isFetchable && this.#brokerOf(state, now) === broker
    return targets.filter(isDue).map(({ state }) => this.#target(state))
  }

  #noLeader({ topic, partition }: PartitionState, now: number): void {
    this.#parts.watch.refreshSoon()
    const image = this.#parts.cluster.image.topics.get(topic)
    // Not asked for yet: that it cannot be asked for is told by whoever asks.
    if (!image) return
    const isThere = partitionOf(image, partition) !== undefined
    const code = isThere ? ErrorCode.LEADER_NOT_AVAILABLE : image.errorCode || ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const error = errorFromCode(code, `Fetching ${topic}/${partition}`, {
      facts: { topic, partition, operation: 'DESCRIBE' },
    })
    this.#parts.troubles.failed('fetch', error, now)
  }

  #target(state: PartitionState): FetchTarget {
    const { image } = this.#parts.cluster
    return {
      state,
      version: state.version,
      topic: state.topic,
      topicId: image.topics.get(state.topic)?.id ?? ZERO_UUID,
      partition: state.partition,
      fetchOffset: state.fetchPosition!.offset,
      currentLeaderEpoch: leaderEpochIn(image, state),
      partitionMaxBytes: this.#parts.settings.maxPartitionFetchBytes,
    }
  }

  #brokerOf(state: PartitionState, now: number): number | undefined {
    const near = state.preferredReplica
    if (near && near.until > now && this.#parts.cluster.image.brokers.has(near.broker)) return near.broker
    state.preferredReplica = null
    return this.#parts.cluster.leaderOf(state.topic, state.partition)
  }
}

function addTo(targets: Map<number, FetchTarget[]>, broker: number, target: FetchTarget): void {
  const known = targets.get(broker)
  if (known) known.push(target)
  else targets.set(broker, [target])
}
