import { asRivvenError, type RivvenError } from '@rivven/link'
import { AddPartitionsToTxn, type AddPartitionsToTxnResponse, ErrorCode, errorOf } from '@rivven/protocol'
import { byTopic, partitionKey } from '../../topic-partition.js'
import type { PartitionQueue } from '../partition-queue.js'
import type { CoordinatorCalls } from './coordinator-calls.js'
import type { OpenTransaction } from './open-transaction.js'
import { type Verdict, verdictOf } from './transaction-errors.js'

/** Newer versions are for brokers (KIP-890). */
const newestVersion = 3

/** The partitions that the coordinator knows to be part of a transaction: it must, before anything is written there. */
export class AddedPartitions {
  readonly #calls: CoordinatorCalls
  readonly #transaction: OpenTransaction
  readonly #wake: (queue: PartitionQueue) => void
  readonly #fail: (error: RivvenError) => void
  readonly #added = new Set<string>()
  readonly #waiting = new Map<string, PartitionQueue>()
  #adding: Promise<void> | null = null

  constructor(
    calls: CoordinatorCalls,
    transaction: OpenTransaction,
    events: { wake: (queue: PartitionQueue) => void; fail: (error: RivvenError) => void },
  ) {
    this.#calls = calls
    this.#transaction = transaction
    this.#wake = events.wake
    this.#fail = events.fail
  }

  /** Whether the partition was added; if not it is, and then its queue is woken. */
  admits(queue: PartitionQueue): boolean {
    const key = partitionKey(queue.topic, queue.partition)
    if (this.#added.has(key)) return true
    this.#waiting.set(key, queue)
    this.#transaction.isRegistered = true
    this.#adding ??= this.#addWaiting()
    return false
  }

  /** Resolves when nothing is being added. */
  async settled(): Promise<void> {
    await this.#adding
  }

  async #addWaiting(): Promise<void> {
    await null // those of one turn share a request
    try {
      while (this.#waiting.size > 0) await this.#addAll([...this.#waiting.values()])
    } catch (error) {
      this.#fail(asRivvenError(error, 'Adding partitions to the transaction'))
    } finally {
      this.#adding = null
    }
  }

  async #addAll(queues: readonly PartitionQueue[]): Promise<void> {
    await this.#add(queues)
    for (const queue of queues) {
      const key = partitionKey(queue.topic, queue.partition)
      this.#added.add(key)
      this.#waiting.delete(key)
    }
    for (const queue of queues) this.#wake(queue)
  }

  async #add(queues: readonly PartitionQueue[]): Promise<void> {
    const { identity, abandoned } = this.#transaction
    const topics = [...byTopic(queues)].map(([name, ofTopic]) => {
      return { name, partitions: ofTopic.map(({ partition }) => partition) }
    })
    const request = {
      v3AndBelowTransactionalId: this.#calls.transactionalId,
      v3AndBelowProducerId: identity.producerId,
      v3AndBelowProducerEpoch: identity.epoch,
      v3AndBelowTopics: topics,
    }
    try {
      await this.#calls.call({
        api: AddPartitionsToTxn,
        what: `Adding ${queues.length} partitions to the transaction`,
        request,
        maxVersion: newestVersion,
        codesOf,
        verdict,
        signal: abandoned,
      })
    } catch (error) {
      this.#transaction.isUnsure = true
      throw error
    }
  }
}

function codesOf({ resultsByTopicV3AndBelow }: AddPartitionsToTxnResponse): number[] {
  const results = resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) => resultsByPartition)
  const codes = results.map(({ partitionErrorCode }) => partitionErrorCode)
  // 55 only says that another partition was refused.
  return codes.filter((code) => code !== ErrorCode.OPERATION_NOT_ATTEMPTED)
}

/** Errors of single partitions leave the producer as it is. */
function verdict(code: number): Verdict {
  const general = verdictOf(code)
  if (general !== 'fatal' || isAboutProducer(code)) return general
  return errorOf(code).retriable ? 'retry' : 'abortable'
}

function isAboutProducer(code: number): boolean {
  return (
    code === ErrorCode.INVALID_PRODUCER_EPOCH ||
    code === ErrorCode.PRODUCER_FENCED ||
    code === ErrorCode.INVALID_PRODUCER_ID_MAPPING ||
    code === ErrorCode.INVALID_TXN_STATE ||
    code === ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
  )
}
