import { ErrorCode } from '@rivven/protocol'
import type { Logs } from '../log/logs.js'
import type { PartitionLog } from '../log/partition-log.js'
import type { Cluster } from './cluster.js'
import { leaderOf } from './image.js'

/** Which log answers requests for a partition: the one place that knows about leadership when a request comes. */
export class PartitionFinder {
  readonly #cluster: Cluster
  readonly #logs: Logs

  constructor(cluster: Cluster, logs: Logs) {
    this.#cluster = cluster
    this.#logs = logs
  }

  /** Undefined where it is not served here: `faultOf` says why. */
  log(topic: string, partition: number): PartitionLog | undefined {
    return this.#cluster.isServing ? this.#logs.get(topic, partition) : undefined
  }

  /** What is answered for a partition that has no log here. */
  faultOf(topic: string, partition: number): number {
    return leaderOf(this.#cluster.image, topic, partition)
      ? ErrorCode.NOT_LEADER_OR_FOLLOWER
      : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }
}
