import { errorFromCode, RivvenError } from '@rivven/link'
import {
  DescribeProducers,
  DescribeTransactions,
  ErrorCode,
  InitProducerId,
  ListTransactions,
  WriteTxnMarkers,
} from '@rivven/protocol'
import { invalid } from '../options.js'
import { sortPartitions, type TopicPartition } from '../topic-partition.js'
import { answered } from './answered.js'
import { type AdminCalls, asRequest, resourceError } from './calls.js'
import { perLeader } from './offsets.js'

export interface TransactionListing {
  transactionalId: string
  producerId: number
  /** `Empty`, `Ongoing`, `PrepareCommit`, `PrepareAbort`, `CompleteCommit`, `CompleteAbort`. */
  state: string
  /** Node id of the broker that coordinates it. */
  coordinator: number
}

export interface TransactionFilters {
  /** Only transactions in these states. Default: all. */
  states?: readonly string[]
  /** Only those of these producers. Default: all. */
  producerIds?: readonly number[]
  /** Only those that began so many milliseconds ago or earlier (brokers since Kafka 3.8). Default: all. */
  longerThanMs?: number
  /** A regular expression (RE2) that a whole transactional id matches (brokers since Kafka 4.1). Default: all. */
  idPattern?: string
}

export interface TransactionDescription extends TransactionListing {
  producerEpoch: number
  timeoutMs: number
  /** In milliseconds since 1970; null: none is open. */
  startedAt: number | null
  /** Partitions that take part in the open transaction. */
  partitions: TopicPartition[]
}

/** A producer as the leader of a partition knows it. */
export interface ActiveProducer {
  producerId: number
  producerEpoch: number
  /** Of its last batch; -1: none. */
  lastSequence: number
  /** In milliseconds since 1970; -1: unknown. */
  lastTimestamp: number
  /** Epoch of the coordinator that wrote its last marker; -1: none was written. */
  coordinatorEpoch: number
  /** Offset of the first record of its open transaction; null: none is open. */
  transactionStartOffset: number | null
}

export interface ProducersOfPartition extends TopicPartition {
  producers: ActiveProducer[]
}

/** An open transaction in one partition, as `describeProducers` finds it. */
export interface TransactionToAbort extends TopicPartition {
  producerId: number
  producerEpoch: number
  coordinatorEpoch: number
}

export interface FencedProducer {
  transactionalId: string
  producerId: number
  /** From now on; every producer with an older one is refused. */
  producerEpoch: number
}

/** Each broker only knows the transactions that it coordinates. */
export async function listTransactions(calls: AdminCalls, filters: TransactionFilters): Promise<TransactionListing[]> {
  const { brokers } = await calls.cluster.metadata([], { isFresh: true })
  const lists = await Promise.all([...brokers.keys()].map((broker) => listTransactionsOf(calls, broker, filters)))
  return lists.flat().sort((a, b) => (a.transactionalId < b.transactionalId ? -1 : 1))
}

async function listTransactionsOf(calls: AdminCalls, broker: number, filters: TransactionFilters) {
  const what = `Listing transactions of broker ${broker}`
  const answer = await calls.retrying(what, async () => {
    const answer = await calls.cluster.send(broker, ListTransactions, (version) => listRequest(filters, version))
    if (answer.errorCode !== ErrorCode.NONE) throw errorFromCode(answer.errorCode, what, { facts: { broker } })
    return answer
  })
  const [unknown] = answer.unknownStateFilters
  if (unknown !== undefined) throw invalid(`"${unknown}" is no state of a transaction.`, `There are ${stateNames}.`)
  return answer.transactionStates.map(({ transactionalId, producerId, transactionState }) => {
    return { transactionalId, producerId, state: transactionState, coordinator: broker }
  })
}

const stateNames = 'Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit and CompleteAbort'

function listRequest(filters: TransactionFilters, version: number) {
  const { states = [], producerIds = [], longerThanMs = -1, idPattern = null } = filters
  if (version < 1 && longerThanMs >= 0) throw tooOld('filter transactions by their duration')
  if (version < 2 && idPattern !== null) throw tooOld('filter transactions by a pattern')
  return asRequest(ListTransactions, {
    stateFilters: [...states],
    producerIdFilters: [...producerIds],
    durationFilter: longerThanMs,
    transactionalIdPattern: idPattern,
  })
}

function tooOld(what: string): RivvenError {
  return new RivvenError('UNSUPPORTED_BY_BROKER', `The broker is too old to ${what}.`)
}

export async function describeTransaction(calls: AdminCalls, transactionalId: string): Promise<TransactionDescription> {
  const request = asRequest(DescribeTransactions, { transactionalIds: [transactionalId] })
  const answer = await calls.toTransactionCoordinator(
    transactionalId,
    DescribeTransactions,
    request,
    ({ transactionStates }) => transactionStates.map(({ errorCode }) => errorCode),
  )
  const stated = answer.transactionStates.find((one) => one.transactionalId === transactionalId)
  const found = answered(stated, `transaction ${transactionalId}`, { transactionalId })
  if (found.errorCode !== ErrorCode.NONE)
    throw resourceError(found, `Describing transaction ${transactionalId}`, { transactionalId, operation: 'DESCRIBE' })
  return {
    transactionalId,
    state: found.transactionState,
    producerId: found.producerId,
    producerEpoch: found.producerEpoch,
    timeoutMs: found.transactionTimeoutMs,
    startedAt: found.transactionStartTimeMs < 0 ? null : found.transactionStartTimeMs,
    partitions: sortPartitions(
      found.topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition }))),
    ),
    coordinator: await calls.cluster.coordinator(transactionalId, 'transaction'),
  }
}

export function describeProducers(
  calls: AdminCalls,
  partitions: readonly TopicPartition[],
): Promise<ProducersOfPartition[]> {
  return perLeader(calls, 'Describing producers', partitions, {
    api: DescribeProducers,
    operation: 'READ',
    request: (byTopic) =>
      asRequest(DescribeProducers, {
        topics: byTopic.map(([name, entries]) => ({
          name,
          partitionIndexes: entries.map(({ partition }) => partition),
        })),
      }),
    results: (answer) =>
      answer.topics.flatMap(({ name, partitions }) => partitions.map((entry) => ({ ...entry, topic: name }))),
    found: ({ topic, partitionIndex, activeProducers }) => ({
      topic,
      partition: partitionIndex,
      producers: activeProducers.map(({ currentTxnStartOffset, ...producer }) => ({
        ...producer,
        transactionStartOffset: currentTxnStartOffset < 0 ? null : currentTxnStartOffset,
      })),
    }),
  })
}

/**
 * Ends what no coordinator knows of any more, by writing the marker itself. A producer whose first transaction hangs has
 * no coordinator epoch yet: 0 is below any that a coordinator would use.
 */
export async function abortTransaction(calls: AdminCalls, transaction: TransactionToAbort): Promise<void> {
  const { producerId, producerEpoch, coordinatorEpoch } = transaction
  await perLeader(calls, `Aborting the transaction of producer ${producerId}`, [transaction], {
    api: WriteTxnMarkers,
    operation: 'ALTER',
    request: (byTopic) =>
      asRequest(WriteTxnMarkers, {
        markers: [
          {
            producerId,
            producerEpoch,
            coordinatorEpoch: Math.max(0, coordinatorEpoch),
            transactionResult: false,
            topics: byTopic.map(([name, entries]) => ({
              name,
              partitionIndexes: entries.map(({ partition }) => partition),
            })),
          },
        ],
      }),
    results: (answer) =>
      answer.markers.flatMap(({ topics }) =>
        topics.flatMap(({ name, partitions }) => partitions.map((entry) => ({ ...entry, topic: name }))),
      ),
    found: () => true,
  })
}

/** Takes the place of the producer with this id, as a new instance of it would: its transaction is aborted. */
export async function fenceProducer(calls: AdminCalls, transactionalId: string): Promise<FencedProducer> {
  const what = `Fencing producer ${transactionalId}`
  const request = asRequest(InitProducerId, {
    transactionalId,
    // Nobody opens a transaction with it; the old one keeps its own timeout.
    transactionTimeoutMs: calls.cluster.requestTimeoutMs,
  })
  return calls.retrying(what, async () => {
    const answer = await calls.toTransactionCoordinator(transactionalId, InitProducerId, request, (answer) => [
      answer.errorCode,
    ])
    // CONCURRENT_TRANSACTIONS, which is retriable, while the old transaction is being aborted.
    if (answer.errorCode !== ErrorCode.NONE) throw resourceError(answer, what, { transactionalId })
    const { producerId, producerEpoch } = answer
    return { transactionalId, producerId, producerEpoch }
  })
}
