import { ErrorCode } from '@rivven/protocol'
import type { Logs } from '../log/logs.js'
import type { PartitionLog } from '../log/partition-log.js'
import type { Cluster } from './cluster.js'
import { leaderOf, type PartitionLeader } from './image.js'

/** As answers name it (KIP-951). */
export interface CurrentLeader {
  readonly leaderId: number
  readonly leaderEpoch: number
}

/** Why a request for a partition cannot be answered here, and whom to ask instead, if that is known. */
export interface Absence {
  readonly errorCode: number
  readonly leader: CurrentLeader | undefined
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
    const known = leaderOf(this.#cluster.image, topic, partition)
    return known ? { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, leader: this.#elsewhere(known) } : unknownPartition
  }

  /** Where it is led here, but not yet or no longer served, nobody else knows better. */
  #elsewhere({ leader, epoch }: PartitionLeader): CurrentLeader | undefined {
    const isElsewhere = leader !== null && leader !== this.#cluster.brokerId
    return isElsewhere ? { leaderId: leader, leaderEpoch: epoch } : undefined
  }
}

const unknownPartition: Absence = { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, leader: undefined }
