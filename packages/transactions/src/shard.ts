import { defaultTransactionConfig, type TransactionConfig } from './config.js'
import type { PartitionSet } from './partition-set.js'
import type { Transaction } from './transaction.js'

/** The transactional ids of one partition of `__transaction_state`. One owner, one queue: its host calls commands one at a time. */
export interface TransactionShard {
  readonly config: TransactionConfig
  /** Gives a producer id that nobody had before; null: none is at hand yet, the client is asked to try again. */
  readonly newProducerId: () => number | null
  /** What is in the log. `replay` alone changes it. */
  readonly transactions: Map<string, Transaction>
  /** Monotonic times at which `tick` must be called, for the open transactions alone. */
  readonly deadlines: Map<string, number>
  /** Where the marker of a prepared transaction is not known to be written. */
  readonly unmarked: Map<string, PartitionSet>
}

export interface ShardOptions {
  readonly newProducerId: () => number | null
  readonly config?: Partial<TransactionConfig>
}

/** An empty shard, ready for `replay` of its log and then `loaded`. */
export function createShard({ newProducerId, config }: ShardOptions): TransactionShard {
  return {
    config: { ...defaultTransactionConfig, ...config },
    newProducerId,
    transactions: new Map(),
    deadlines: new Map(),
    unmarked: new Map(),
  }
}

/** Monotonic time at which `tick` must be called for an id at the latest; Infinity if never (or no such id). */
export function deadlineOf(shard: TransactionShard, transactionalId: string): number {
  return shard.deadlines.get(transactionalId) ?? Number.POSITIVE_INFINITY
}
