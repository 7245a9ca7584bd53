import { ErrorCode } from '@rivven/protocol'
import type { Logs } from '../log/logs.js'
import type { PartitionLog, PartitionView } from '../log/partition-log.js'
import type { Cluster } from './cluster.js'
import { leaderOf } from './image.js'
import type { Transitions } from './transitions.js'

/** Partitions of one topic. */
export type Place = readonly [topic: string, partitions: Iterable<number>]

/** Which log answers requests for a partition: the one place that knows about leadership when a request comes. */
export class PartitionFinder {
  readonly #cluster: Cluster
  readonly #logs: Logs
  readonly #transitions: Transitions

  constructor(cluster: Cluster, logs: Logs, transitions: Transitions) {
    this.#cluster = cluster
    this.#logs = logs
    this.#transitions = transitions
  }

  /**
   * To write to. Undefined where it is not served here: either it soon is known who does (`coming`), or `faultOf` says why.
   */
  log(topic: string, partition: number): PartitionLog | undefined {
    return this.#isServed(topic, partition) ? this.#logs.get(topic, partition) : undefined
  }

  /** To read from: the same, but opens no log of a partition that was never written to. */
  view(topic: string, partition: number): PartitionView | undefined {
    return this.#isServed(topic, partition) ? this.#logs.view(topic, partition) : undefined
  }

  #isServed(topic: string, partition: number): boolean {
    return this.#cluster.isServing && !(this.#transitions.isAny && this.#transitions.isLeaving(topic, partition))
  }

  /**
   * Resolves when a partition that is being opened or handed over here is, or takes too long: then it is to be looked for once
   * more. Undefined: there is nothing to wait for. Requests for one partition go on in the order in which they came.
   */
  coming(topic: string, partition: number): Promise<void> | undefined {
    if (!this.#transitions.isAny || this.view(topic, partition)) return undefined
    return this.#transitions.over(topic, partition)
  }

  /** The same for all partitions of a request. As a rule there is nothing to wait for, and nobody asks for its `places`. */
  allComing(places: () => Iterable<Place>): Promise<unknown> | undefined {
    if (!this.#transitions.isAny) return undefined
    const coming = new Set<Promise<void>>()
    for (const [topic, partitions] of places()) {
      for (const partition of partitions) {
        const one = this.coming(topic, partition)
        if (one) coming.add(one)
      }
    }
    return coming.size === 0 ? undefined : Promise.all(coming)
  }

  /** What is answered for a partition that has no log here. */
  faultOf(topic: string, partition: number): number {
    return leaderOf(this.#cluster.image, topic, partition)
      ? ErrorCode.NOT_LEADER_OR_FOLLOWER
      : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }
}
