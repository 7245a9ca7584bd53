import { ErrorCode, type ListTransactionsRequest, type ListTransactionsResponse } from '@rivven/protocol'
import type { Now } from './decision.js'
import { compilePattern, type Pattern } from './pattern.js'
import { type DescribedTransaction, describeRefusal } from './refusals.js'
import type { TransactionShard } from './shard.js'
import type { TopicPartitions, Transaction } from './transaction.js'

export type { DescribedTransaction } from './refusals.js'

/** One id of a DescribeTransactions (transactions.md §15). While markers are written, its partitions are those still without. */
export function describeTransaction(shard: TransactionShard, transactionalId: string): DescribedTransaction {
  if (transactionalId === '') return describeRefusal(transactionalId, ErrorCode.INVALID_REQUEST)
  const transaction = shard.transactions.get(transactionalId)
  if (!transaction) return describeRefusal(transactionalId, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
  const { state, timeoutMs, startTimestamp, producerId, producerEpoch } = transaction
  return {
    errorCode: ErrorCode.NONE,
    transactionalId,
    transactionState: state,
    transactionTimeoutMs: timeoutMs,
    transactionStartTimeMs: startTimestamp,
    producerId,
    producerEpoch,
    topics: openPartitions(shard, transactionalId, transaction),
  }
}

function openPartitions(shard: TransactionShard, transactionalId: string, { partitions }: Transaction) {
  const list: readonly TopicPartitions[] = shard.unmarked.get(transactionalId)?.list() ?? partitions ?? []
  return list.map(({ topic, partitions: ids }) => ({ topic, partitions: [...ids] }))
}

export type ListedTransaction = ListTransactionsResponse['transactionStates'][number]

/** What a ListTransactions asks for, the same for all shards. */
export interface TransactionFilters {
  /** State names; null: all. Unknown ones match nothing. */
  readonly states: ReadonlySet<string> | null
  /** Null: all. */
  readonly producerIds: ReadonlySet<number> | null
  /** Milliseconds that a transaction must have begun ago; -1: any. */
  readonly duration: number
  readonly pattern: Pattern | null
}

/** All names that may be asked for; Kafka knows two that are never stored. */
const knownStates: ReadonlySet<string> = new Set([
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
])

/** The filters of a request; `filters` is null for a pattern that cannot be read (INVALID_REGULAR_EXPRESSION). */
export function readFilters(request: ListTransactionsRequest): {
  readonly filters: TransactionFilters | null
  readonly unknownStateFilters: string[]
} {
  const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request
  const unknownStateFilters = stateFilters.filter((name) => !knownStates.has(name))
  const pattern = transactionalIdPattern ? compilePattern(transactionalIdPattern) : null
  if (pattern === undefined) return { filters: null, unknownStateFilters }
  const states = stateFilters.length > 0 ? new Set(stateFilters) : null
  const producerIds = producerIdFilters.length > 0 ? new Set(producerIdFilters) : null
  return { filters: { states, producerIds, duration: durationFilter, pattern }, unknownStateFilters }
}

/** The transactions of a shard that match (transactions.md §15). */
export function listTransactions(shard: TransactionShard, filters: TransactionFilters, now: Now): ListedTransaction[] {
  const listed: ListedTransaction[] = []
  for (const [transactionalId, transaction] of shard.transactions) {
    if (!matches(filters, transactionalId, transaction, now)) continue
    const { producerId, state } = transaction
    listed.push({ transactionalId, producerId, transactionState: state })
  }
  return listed
}

/** A duration matches ids without a transaction too, as in Kafka: their start is -1. */
function matches(
  { states, producerIds, duration, pattern }: TransactionFilters,
  transactionalId: string,
  { state, producerId, startTimestamp }: Transaction,
  now: Now,
): boolean {
  if (states && !states.has(state)) return false
  if (producerIds && !producerIds.has(producerId)) return false
  if (duration >= 0 && now.wall - startTimestamp <= duration) return false
  return pattern === null || pattern.matches(transactionalId)
}
