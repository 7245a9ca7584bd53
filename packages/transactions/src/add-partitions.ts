import { type AddOffsetsToTxnRequest, ErrorCode } from '@rivven/protocol'
import type { AddPartitions, Call, Decision } from './decision.js'
import { PartitionSet } from './partition-set.js'
import { addOffsetsAnswer, addPartitionsRefusal, fencedCode, resultsOf } from './refusals.js'
import type { TransactionShard } from './shard.js'
import { isPrepared, type TopicPartitions, type Transaction } from './transaction.js'
import { extended } from './transitions.js'
import { answerOnly, Turn } from './turn.js'

/** From this version of AddPartitionsToTxn on the client speaks KIP-890; brokers that add for it ask with it too. */
const newProtocolSince = 4

/**
 * One transaction of an AddPartitionsToTxn (transactions.md §6); versions 0-3 have just one. Whether the partitions exist
 * and who may write to them is checked before.
 *
 * With `verifyOnly` nothing changes: each partition is told whether it is in the open transaction.
 */
export function addPartitions(shard: TransactionShard, call: Call<AddPartitions>): Decision {
  const { ticket, request, context } = call
  if (request.verifyOnly) return answerOnly(ticket, verified(shard, request, context.apiVersion))
  const topics = request.topics.map(({ name, partitions }) => ({ topic: name, partitions }))
  const version = context.apiVersion >= newProtocolSince ? 2 : 0
  return extend(shard, call, topics, version, (errorCode) => addPartitionsRefusal(request, errorCode))
}

/** An AddOffsetsToTxn and the partition of `__consumer_offsets` that holds its group. */
export interface AddOffsets {
  readonly request: AddOffsetsToTxnRequest
  readonly partition: number
}

/** AddOffsetsToTxn: the same for the partition that holds the offsets of a group. */
export function addOffsets(shard: TransactionShard, call: Call<AddOffsets>): Decision {
  const { request, partition } = call.request
  const topics = [{ topic: '__consumer_offsets', partitions: [partition] }]
  return extend(shard, { ...call, request }, topics, 0, addOffsetsAnswer)
}

interface Producer {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

function extend(
  shard: TransactionShard,
  { ticket, request, context, now }: Call<Producer>,
  topics: readonly TopicPartitions[],
  clientTransactionVersion: number,
  answer: (errorCode: number) => ReturnType<typeof addPartitionsRefusal> | ReturnType<typeof addOffsetsAnswer>,
): Decision {
  const { transactionalId } = request
  const before = ownTransaction(shard, request, context.apiVersion)
  if (typeof before === 'number') return answerOnly(ticket, answer(before))
  if (isPrepared(before)) return answerOnly(ticket, answer(ErrorCode.CONCURRENT_TRANSACTIONS))
  const turn = new Turn(shard, transactionalId, now)
  const next = extended(before, topics, clientTransactionVersion, now.wall)
  if (next) turn.store(next)
  turn.answer(ticket, answer(ErrorCode.NONE))
  return turn.decide()
}

/** The transaction of exactly this producer, or the error code for another. A higher epoch is as foreign as a lower one. */
function ownTransaction(shard: TransactionShard, producer: Producer, apiVersion: number): Transaction | number {
  const { transactionalId, producerId, producerEpoch } = producer
  if (transactionalId === '') return ErrorCode.INVALID_REQUEST
  const transaction = shard.transactions.get(transactionalId)
  if (!transaction || transaction.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  return transaction.producerEpoch === producerEpoch ? transaction : fencedCode(apiVersion, 2)
}

function verified(shard: TransactionShard, request: AddPartitions, apiVersion: number) {
  const transaction = ownTransaction(shard, request, apiVersion)
  if (typeof transaction === 'number') return addPartitionsRefusal(request, transaction)
  if (isPrepared(transaction)) return addPartitionsRefusal(request, ErrorCode.CONCURRENT_TRANSACTIONS)
  const known = new PartitionSet(transaction.partitions ?? [])
  return resultsOf(request, (topic, partition) =>
    known.has(topic, partition) ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE,
  )
}
