import { ErrorCode, type InitProducerIdRequest } from '@rivven/protocol'
import type { Call, Decision } from './decision.js'
import { initProducerIdRefusal } from './refusals.js'
import type { TransactionShard } from './shard.js'
import { isExhausted, isPrepared, lastEpoch, type Transaction } from './transaction.js'
import { created, fencingAbort, type Identity, initialized, prepared } from './transitions.js'
import { answerOnly, Turn } from './turn.js'

/**
 * InitProducerId of a transactional producer (transactions.md §3): gives it an epoch that no other instance has, after the
 * transaction of the instance before it was aborted. Without a transactional id any broker answers, without this.
 */
export function initProducerId(shard: TransactionShard, call: Call<InitProducerIdRequest>): Decision {
  const { ticket, request, context, now } = call
  const refuse = (errorCode: number) => answerOnly(ticket, initProducerIdRefusal(errorCode, context.apiVersion))
  const invalid = invalidity(request, shard)
  if (invalid !== ErrorCode.NONE) return refuse(invalid)
  const transactionalId = request.transactionalId as string
  const before = shard.transactions.get(transactionalId) ?? unused(shard)
  if (!before) return refuse(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
  if (!mayAsk(before, request)) return refuse(ErrorCode.PRODUCER_FENCED)
  if (isPrepared(before)) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
  if (before.state === 'Ongoing') return abortFirst(shard, call, before)
  const next = nextIdentity(shard, before, request)
  if (typeof next === 'number') return refuse(next)
  const turn = new Turn(shard, transactionalId, now)
  turn.store(initialized(before, next, request.transactionTimeoutMs, now.wall))
  const { producerId, producerEpoch } = next
  turn.answer(ticket, { throttleTimeMs: 0, errorCode: ErrorCode.NONE, producerId, producerEpoch })
  return turn.decide()
}

function invalidity(request: InitProducerIdRequest, { config }: TransactionShard): number {
  const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request
  if ((producerId === -1) !== (producerEpoch === -1)) return ErrorCode.INVALID_REQUEST
  if (transactionalId === null || transactionalId === '') return ErrorCode.INVALID_REQUEST
  const isAllowed = transactionTimeoutMs > 0 && transactionTimeoutMs <= config.maxTimeoutMs
  return isAllowed ? ErrorCode.NONE : ErrorCode.INVALID_TRANSACTION_TIMEOUT
}

function unused({ newProducerId }: TransactionShard): Transaction | null {
  const producerId = newProducerId()
  return producerId === null ? null : created(producerId)
}

/** KIP-360: whoever names a producer id must name the present one, or the one that ran out of epochs just now. */
function mayAsk(before: Transaction, { producerId, producerEpoch }: InitProducerIdRequest): boolean {
  if (producerId === -1 || before.producerEpoch === -1 || producerId === before.producerId) return true
  return producerId === before.previousProducerId && producerEpoch >= lastEpoch
}

/** Answers "try again" (§18, trap 7): an answer before the markers would let old and new records mix. */
function abortFirst(shard: TransactionShard, call: Call<InitProducerIdRequest>, before: Transaction): Decision {
  const { ticket, request, context, now } = call
  const ending = fencingAbort(before, shard.config.transactionVersion, shard.newProducerId)
  if (!ending) {
    const unavailable = initProducerIdRefusal(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, context.apiVersion)
    return answerOnly(ticket, unavailable)
  }
  const turn = new Turn(shard, request.transactionalId as string, now)
  turn.store(prepared(before, ending, now.wall))
  turn.answer(ticket, initProducerIdRefusal(ErrorCode.CONCURRENT_TRANSACTIONS, context.apiVersion))
  return turn.decide()
}

/** The producer id and epoch to give out, or an error code. */
function nextIdentity(shard: TransactionShard, before: Transaction, request: InitProducerIdRequest): Identity | number {
  const { producerId, producerEpoch, lastProducerEpoch } = before
  const expected = request.producerId === -1 ? null : request.producerEpoch
  const isCurrent = expected === null || expected === producerEpoch
  // Only who names the epoch before may repeat the question; a new instance has none to name.
  const rememberedEpoch = expected === null ? -1 : producerEpoch
  if (isExhausted(before) && isCurrent) {
    const fresh = shard.newProducerId()
    if (fresh === null) return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
    return { producerId: fresh, producerEpoch: 0, lastProducerEpoch: rememberedEpoch }
  }
  if (isCurrent || producerEpoch === -1) {
    return { producerId, producerEpoch: producerEpoch + 1, lastProducerEpoch: rememberedEpoch }
  }
  if (expected === lastProducerEpoch) return { producerId, producerEpoch, lastProducerEpoch }
  return ErrorCode.PRODUCER_FENCED
}
