import { type EndTxnRequest, ErrorCode } from '@rivven/protocol'
import type { Call, Decision } from './decision.js'
import { endTxnRefusal, fencedCode } from './refusals.js'
import type { TransactionShard } from './shard.js'
import { isExhausted, isPrepared, lastEpoch, type Transaction } from './transaction.js'
import { type Ending, prepared } from './transitions.js'
import { answerOnly, Turn } from './turn.js'

/** From this version on every end raises the epoch, so that what comes late cannot touch the next transaction (KIP-890). */
const newProtocolSince = 5

/**
 * EndTxn (transactions.md §9). The outcome is decided when the record of this decision is durable; the answer does not wait
 * for the markers.
 */
export function endTransaction(shard: TransactionShard, call: Call<EndTxnRequest>): Decision {
  const { ticket, request, context } = call
  const isNew = context.apiVersion >= newProtocolSince
  const before = shard.transactions.get(request.transactionalId)
  const verdict = isNew ? judge(before, request) : judgeClassic(before, request, context.apiVersion)
  if (verdict === 'end') return end(shard, call, before as Transaction, isNew)
  if (verdict !== ErrorCode.NONE) return answerOnly(ticket, endTxnRefusal(verdict))
  const { producerId, producerEpoch } = before as Transaction
  return answerOnly(ticket, { throttleTimeMs: 0, errorCode: verdict, producerId, producerEpoch })
}

/** What to do: end the transaction, or answer this. NONE: it ended like that before. */
type Verdict = 'end' | number

function judgeClassic(before: Transaction | undefined, request: EndTxnRequest, apiVersion: number): Verdict {
  const { transactionalId, producerId, producerEpoch, committed } = request
  if (transactionalId === '') return ErrorCode.INVALID_REQUEST
  if (before?.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  if (before.producerEpoch !== producerEpoch) return fencedCode(apiVersion, 2)
  return before.state === 'Ongoing' ? 'end' : repeated(before, committed)
}

/** Versions 5 and up: with the present epoch it is a new end, with the one before a repeated one. */
function judge(before: Transaction | undefined, request: EndTxnRequest): Verdict {
  const { transactionalId, producerId, producerEpoch, committed } = request
  if (transactionalId === '') return ErrorCode.INVALID_REQUEST
  if (!before) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  const isRepeated = isRepeatedEnd(before, producerId, producerEpoch)
  if (before.producerId !== producerId && !isRepeated) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  if (isRepeated) return repeated(before, committed)
  if (before.producerEpoch !== producerEpoch || isPrepared(before)) return ErrorCode.PRODUCER_FENCED
  if (before.state === 'Ongoing') return 'end'
  // The client cannot know whether any of its batches began a transaction: an abort of nothing is done all the same.
  return committed ? ErrorCode.INVALID_TXN_STATE : 'end'
}

/** The epoch, or the producer id that ran out of epochs, is the one before the end that is stored. */
function isRepeatedEnd(before: Transaction, producerId: number, producerEpoch: number): boolean {
  if (before.state === 'Empty' || before.state === 'Ongoing') return false
  if (before.producerId === producerId) return producerEpoch === before.producerEpoch - 1
  return before.previousProducerId === producerId && producerEpoch === lastEpoch && before.producerEpoch === 0
}

function repeated({ state }: Transaction, committed: boolean): number {
  if (state === (committed ? 'CompleteCommit' : 'CompleteAbort')) return ErrorCode.NONE
  if (state === (committed ? 'PrepareCommit' : 'PrepareAbort')) return ErrorCode.CONCURRENT_TRANSACTIONS
  return ErrorCode.INVALID_TXN_STATE
}

function end(shard: TransactionShard, call: Call<EndTxnRequest>, before: Transaction, isNew: boolean): Decision {
  const { ticket, request, now } = call
  const nextProducerId = isNew && isExhausted(before) ? shard.newProducerId() : -1
  if (nextProducerId === null) return answerOnly(ticket, endTxnRefusal(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS))
  const clientTransactionVersion = isNew ? 2 : 0
  const { committed } = request
  const ending: Ending = { committed, nextProducerId, clientTransactionVersion, raisesEpoch: isNew }
  const after = prepared(before, ending, now.wall)
  const turn = new Turn(shard, request.transactionalId, now)
  turn.store(after)
  const identity =
    nextProducerId === -1
      ? { producerId: after.producerId, producerEpoch: after.producerEpoch }
      : { producerId: nextProducerId, producerEpoch: 0 }
  turn.answer(ticket, { throttleTimeMs: 0, errorCode: ErrorCode.NONE, ...identity })
  return turn.decide()
}
