import { ErrorCode } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type { Cluster } from '../../cluster/cluster.js'
import { leaderOf } from '../../cluster/image.js'
import type { Peers } from '../../cluster/peers/peers.js'
import type { PartitionQuestion } from './partition-question.js'
import { PeerQuestions } from './peer-questions.js'
import { type TransactionCoordinator, transactionsTopic } from './transaction-coordinator.js'

/**
 * Pauses in milliseconds while the transaction before is being ended: 100 ms in all, as Kafka (transactions.md §7.3),
 * but short ones first. Its coordinator is done in 1 to 5 ms, and with Kafka's even 20 ms a copy in transactions of 750
 * records takes three times as long (bench/js/copy.mjs).
 */
const endingPausesMs = [1, 2, 4, 8, 15, 30, 40] as const

export interface PartitionAnswer {
  /** NONE: when the coordinator was asked, the open transaction of the writer held the partition. */
  readonly errorCode: number
  /**
   * Whether that still counts, for what is stored in the same turn. A partition that was in the transaction gets a marker
   * when this ends, so whoever leads the partition can tell without the coordinator (transactions.md §7.1, trap 19).
   */
  isStillOpen(): boolean
}

export interface TransactionDeskOptions {
  readonly transactions: TransactionCoordinator
  readonly cluster: Pick<Cluster, 'brokerId' | 'image'>
  readonly peers: Peers
  readonly clock: Clock
}

/** Where the leader of a partition asks the coordinator of a transaction about it, wherever that is. */
export class TransactionDesk {
  readonly #options: TransactionDeskOptions
  readonly #elsewhere: PeerQuestions

  constructor(options: TransactionDeskOptions) {
    this.#options = options
    this.#elsewhere = new PeerQuestions(options.peers)
  }

  /** `markers` counts those of the writer that have come to the partition. */
  async ask(question: PartitionQuestion, markers: () => number): Promise<PartitionAnswer> {
    for (const pauseMs of endingPausesMs) {
      const answer = await this.#askOnce(question, markers)
      if (question.verifyOnly || !meetsAnEnd(answer)) return answer
      await new Promise<void>((resolve) => this.#options.clock.setTimer(pauseMs, resolve))
    }
    return this.#askOnce(question, markers)
  }

  async #askOnce(question: PartitionQuestion, markers: () => number): Promise<PartitionAnswer> {
    const before = markers()
    const coordinator = this.#coordinatorOf(question.transactionalId)
    const errorCode = await (coordinator === null
      ? this.#askHere(question)
      : this.#elsewhere.ask(coordinator, question))
    return { errorCode, isStillOpen: () => markers() === before }
  }

  async #askHere({ topic, partition, ...asked }: PartitionQuestion): Promise<number> {
    const request = { ...asked, topics: [{ name: topic, partitions: [partition] }] }
    const { topicResults } = await this.#options.transactions.addPartitions(request, asBroker)
    return topicResults[0]?.resultsByPartition[0]?.partitionErrorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
  }

  /** The broker that coordinates it; null: this one, or nobody that is known, which is said by this one, too. */
  #coordinatorOf(transactionalId: string): number | null {
    const { transactions, cluster } = this.#options
    if (transactions.coordinates(transactionalId)) return null
    const partition = transactions.partitionOf(transactionalId)
    if (partition === undefined) return null
    const leader = leaderOf(cluster.image, transactionsTopic, partition)?.leader ?? null
    return leader === cluster.brokerId ? null : leader
  }
}

/**
 * Whether a transaction is being ended: mostly the one before, whose markers are still being written, or came while the
 * coordinator was asked. If it is the one that is asked for, the next answer says so: who adds partitions by writing has
 * another epoch in each transaction (KIP-890). Where that is not so, only the first answer is good.
 */
function meetsAnEnd({ errorCode, isStillOpen }: PartitionAnswer): boolean {
  if (errorCode === ErrorCode.CONCURRENT_TRANSACTIONS) return true
  return errorCode === ErrorCode.NONE && !isStillOpen()
}

const asBroker = { apiVersion: 5, clientId: '', clientHost: '' }
