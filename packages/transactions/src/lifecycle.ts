import type { Decision, Now, WriteMarkers } from './decision.js'
import type { TransactionEvent } from './events.js'
import type { TransactionShard } from './shard.js'
import { isPrepared, type Transaction } from './transaction.js'
import { fencingAbort, prepared } from './transitions.js'
import { noDecision, Turn } from './turn.js'

/** How soon a transaction whose time is over is looked at again, if it could not be aborted for want of a producer id. */
const retryMs = 1_000

/**
 * After the whole log was replayed: open transactions go on to run out, and the markers of those whose outcome is decided
 * are asked for, all of them: that one is written twice does no harm.
 */
export function loaded(shard: TransactionShard, now: Now): Decision {
  const events: TransactionEvent[] = []
  const effects: WriteMarkers[] = []
  for (const [transactionalId, transaction] of shard.transactions) {
    if (transaction.state === 'Ongoing') shard.deadlines.set(transactionalId, now.monotonic + leftOf(transaction, now))
    if (!isPrepared(transaction)) continue
    const turn = new Turn(shard, transactionalId, now)
    turn.resume(transaction)
    const decision = turn.decide()
    events.push(...decision.events)
    effects.push(...decision.effects)
  }
  return { events, replies: [], effects, deadline: Math.min(...shard.deadlines.values()) }
}

/** The partition is led elsewhere now. Nobody waits in a shard of transactions; memory is let go. */
export function unload(shard: TransactionShard): Decision {
  shard.transactions.clear()
  shard.deadlines.clear()
  shard.unmarked.clear()
  return noDecision
}

/**
 * To be called when the deadline of an id has come: a transaction whose time is over is aborted with an epoch above that of
 * its producer (transactions.md §11), which so cannot go on with it.
 */
export function tick(shard: TransactionShard, transactionalId: string, now: Now): Decision {
  const deadline = shard.deadlines.get(transactionalId)
  if (deadline === undefined) return noDecision
  if (deadline > now.monotonic) return { ...noDecision, deadline }
  const transaction = shard.transactions.get(transactionalId)
  if (transaction?.state !== 'Ongoing') {
    shard.deadlines.delete(transactionalId)
    return noDecision
  }
  const ending = fencingAbort(transaction, shard.config.transactionVersion, shard.newProducerId)
  if (!ending) {
    shard.deadlines.set(transactionalId, now.monotonic + retryMs)
    return { ...noDecision, deadline: now.monotonic + retryMs }
  }
  const turn = new Turn(shard, transactionalId, now)
  turn.store(prepared(transaction, ending, now.wall))
  return turn.decide()
}

/**
 * To be called now and then (hourly in Kafka): forgets ids that nobody used for `transactional.id.expiration.ms`, never one
 * with an open transaction. At most `limit` at a time; as many decided events mean that there may be more.
 */
export function expireTransactionalIds(shard: TransactionShard, now: Now, limit = 1_000): Decision {
  const events: TransactionEvent[] = []
  const oldest = now.wall - shard.config.idExpirationMs
  for (const [transactionalId, transaction] of shard.transactions) {
    if (events.length === limit) break
    if (transaction.state === 'Ongoing' || isPrepared(transaction)) continue
    if (transaction.lastUpdateTimestamp <= oldest) events.push({ kind: 'TransactionForgotten', transactionalId })
  }
  return { events, replies: [], effects: [] }
}

/** A clock that was set back does not make a transaction last longer than it may. */
function leftOf({ startTimestamp, timeoutMs }: Transaction, { wall }: Now): number {
  return Math.min(Math.max(startTimestamp + timeoutMs - wall, 0), timeoutMs)
}
