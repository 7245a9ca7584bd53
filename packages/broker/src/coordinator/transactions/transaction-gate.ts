// On the way of every transactional batch: one that continues an open transaction costs a look-up.
import { batchBaseSequence, batchProducerEpoch, batchProducerId, ErrorCode } from '@rivven/protocol'
import { notAppended } from '../../log/append/append-results.js'
import type { AppendOptions, AppendResult, PartitionLog } from '../../log/partition-log.js'
import type { TransactionalWriter } from './transaction-coordinator.js'
import type { TransactionDesk } from './transaction-desk.js'

/** Since this version a batch adds its partition by itself (KIP-890 part 2). */
const addsSince = 12
/** First sequences that are remembered of producers whose batch was refused, for each partition. */
const mostRemembered = 1_000

export interface TransactionGateOptions {
  readonly desk: TransactionDesk
  /** transaction.partition.verification.enable */
  readonly verifies: boolean
}

/** What passes the gate for one partition. */
interface Passage {
  /** By producer id: batches that are being checked go one after the other, as they came. */
  readonly queues: Map<number, Promise<unknown>>
  /** By producer id: the lowest sequence that was seen; it goes first (transactions.md §2.1). */
  readonly lowest: Map<number, { producerEpoch: number; sequence: number }>
}

/**
 * The first batch of a transaction in a partition is appended only while the coordinator has that partition in the open
 * transaction of the producer (KIP-890): a late one would hold the last stable offset for ever.
 */
export class TransactionGate {
  readonly #options: TransactionGateOptions
  readonly #passages = new WeakMap<PartitionLog, Passage>()

  constructor(options: TransactionGateOptions) {
    this.#options = options
  }

  /** Appends a transactional batch of a client. */
  append(log: PartitionLog, batch: Buffer, transactionalId: string, options: AppendOptions): Promise<AppendResult> {
    const producerId = batchProducerId(batch)
    const isChecked = this.#options.verifies || (options.produceVersion ?? 0) >= addsSince
    if (producerId < 0 || !isChecked) return log.append(batch, options)
    const passage = this.#passageOf(log)
    const before = passage.queues.get(producerId)
    if (!before && log.producers.isOpen(producerId, batchProducerEpoch(batch))) return log.append(batch, options)
    const writer = { transactionalId, producerId, producerEpoch: batchProducerEpoch(batch) }
    const passed = (before ?? Promise.resolve()).then(() => this.#pass(log, batch, writer, options))
    const queue = passed.catch(() => undefined)
    passage.queues.set(producerId, queue)
    void queue.then(() => {
      if (passage.queues.get(producerId) === queue) passage.queues.delete(producerId)
    })
    return passed.then(({ appended }) => appended)
  }

  /** The result is wrapped: the next batch need not wait until this one is durable. */
  async #pass(
    log: PartitionLog,
    batch: Buffer,
    writer: TransactionalWriter,
    options: AppendOptions,
  ): Promise<{ appended: Promise<AppendResult> }> {
    const { producerId, producerEpoch } = writer
    if (log.producers.isOpen(producerId, producerEpoch)) return { appended: log.append(batch, options) }
    const sequence = this.#see(log, batch)
    const { topic, partition, producers } = log
    const version = options.produceVersion ?? 0
    const question = { ...writer, topic, partition, verifyOnly: version < addsSince }
    const answer = await this.#options.desk.ask(question, () => producers.markersOf(producerId))
    if (answer.errorCode !== ErrorCode.NONE) return refused(toldProducer(answer.errorCode, version), -1)
    if (!answer.isStillOpen()) return refused(ErrorCode.INVALID_TXN_STATE, -1)
    if (batchBaseSequence(batch) > sequence) return refused(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, log.logStartOffset)
    const appended = log.append(batch, options)
    if (log.producers.isOpen(producerId, producerEpoch)) this.#passageOf(log).lowest.delete(producerId)
    return { appended }
  }

  #passageOf(log: PartitionLog): Passage {
    const known = this.#passages.get(log)
    if (known) return known
    const passage: Passage = { queues: new Map(), lowest: new Map() }
    this.#passages.set(log, passage)
    return passage
  }

  /** The lowest sequence of this producer and epoch so far, this batch included. */
  #see(log: PartitionLog, batch: Buffer): number {
    const { lowest } = this.#passageOf(log)
    const producerId = batchProducerId(batch)
    const producerEpoch = batchProducerEpoch(batch)
    const known = lowest.get(producerId)
    const isOfEpoch = known?.producerEpoch === producerEpoch
    const sequence = Math.min(batchBaseSequence(batch), isOfEpoch ? known.sequence : Number.POSITIVE_INFINITY)
    lowest.delete(producerId)
    lowest.set(producerId, { producerEpoch, sequence })
    const oldest = lowest.size > mostRemembered ? lowest.keys().next().value : undefined
    if (oldest !== undefined) lowest.delete(oldest)
    return sequence
  }
}

function refused(errorCode: number, logStartOffset: number): { appended: Promise<AppendResult> } {
  const message = 'The batch is in no open transaction of its producer.'
  return { appended: Promise.resolve({ ...notAppended(errorCode, message, logStartOffset), errorCode }) }
}

/** What the coordinator said, in the words of Produce (transactions.md §7.3). */
function toldProducer(errorCode: number, version: number): number {
  switch (errorCode) {
    case ErrorCode.TRANSACTION_ABORTABLE:
      return version <= 10 ? ErrorCode.INVALID_TXN_STATE : errorCode
    case ErrorCode.PRODUCER_FENCED:
      return ErrorCode.INVALID_PRODUCER_EPOCH
    case ErrorCode.NETWORK_EXCEPTION:
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR:
      return ErrorCode.NOT_ENOUGH_REPLICAS
    case ErrorCode.CONCURRENT_TRANSACTIONS:
      return version < addsSince ? ErrorCode.NOT_ENOUGH_REPLICAS : errorCode
    default:
      return errorCode
  }
}
