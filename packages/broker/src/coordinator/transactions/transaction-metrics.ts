import { type Decision, isPrepared, type Transaction, type TransactionShard } from '@rivven/transactions'
import { Buckets } from '../../buckets.js'
import type { Now } from '../shards/shard-rules.js'

/** Upper bounds in seconds: a transaction may take up to its timeout, markers are mostly there in a moment. */
const durationBounds = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900]
const completionBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30]

export type TransactionOutcome = 'committed' | 'aborted'

/** Counts what becomes of transactions since this process started. */
export class TransactionMetrics {
  /** From the first partition to the decided outcome. Its count is that of the transactions that ended. */
  readonly durationSeconds = { committed: new Buckets(durationBounds), aborted: new Buckets(durationBounds) }
  /** From the decided outcome until all markers are written: so long readers of committed records wait longer. */
  readonly completionSeconds = new Buckets(completionBounds)
  /** Monotonic time of the decision, by transactional id. */
  readonly #decided = new WeakMap<TransactionShard, Map<string, number>>()

  took({ events }: Decision, shard: TransactionShard, now: Now): void {
    for (const event of events) {
      if (event.kind !== 'TransactionStored') continue
      if (isPrepared(event.transaction)) this.#ended(shard, event.transactionalId, event.transaction, now)
      else this.#completed(shard, event.transactionalId, now.monotonic)
    }
  }

  #ended(shard: TransactionShard, transactionalId: string, transaction: Transaction, now: Now): void {
    // Without a start it is the abort of nothing that clients of KIP-890 ask for when they cannot know.
    if (transaction.startTimestamp < 0 || (transaction.partitions ?? []).length === 0) return
    const outcome = transaction.state === 'PrepareCommit' ? 'committed' : 'aborted'
    this.durationSeconds[outcome].add(Math.max(0, now.wall - transaction.startTimestamp) / 1_000)
    const decided = this.#decided.get(shard) ?? new Map<string, number>()
    this.#decided.set(shard, decided.set(transactionalId, now.monotonic))
  }

  #completed(shard: TransactionShard, transactionalId: string, monotonic: number): void {
    const decidedAt = this.#decided.get(shard)?.get(transactionalId)
    if (decidedAt === undefined) return
    this.#decided.get(shard)!.delete(transactionalId)
    this.completionSeconds.add((monotonic - decidedAt) / 1_000)
  }
}
