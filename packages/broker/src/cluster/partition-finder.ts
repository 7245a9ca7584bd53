import { ErrorCode } from '@rivven/protocol'
import type { Logs } from '../log/logs.js'
import type { PartitionLog } from '../log/partition-log.js'
import type { Cluster, PartitionLeader } from './cluster.js'

/** Why a request for a partition cannot be answered here, and whom to ask instead, if that is known. */
export interface Absence {
  readonly errorCode: number
  readonly leader: PartitionLeader | undefined
}

/** Which log answers requests for a partition: the one place that knows about leadership when a request comes. */
export class PartitionFinder {
  readonly #cluster: Cluster
  readonly #logs: Logs

  constructor(cluster: Cluster, logs: Logs) {
    this.#cluster = cluster
    this.#logs = logs
  }

  /** Undefined where it is not led here: `absence` says why. */
  log(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(topic, partition)
  }

  absence(topic: string, partition: number): Absence {
    const count = this.#cluster.catalog.topic(topic)?.partitionCount ?? 0
    if (partition < 0 || partition >= count) return unknownPartition
    const leader = this.#cluster.leaderOf(topic, partition)
    const isElsewhere = leader?.brokerId !== this.#cluster.brokerId
    return { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, leader: isElsewhere ? leader : undefined }
  }
}

const unknownPartition: Absence = { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, leader: undefined }
