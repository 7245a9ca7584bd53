import type { TransactionEvent } from './events.js'
import type { TransactionShard } from './shard.js'

/** Applies one event. The only code that changes durable state, after a live decision and when a log is loaded alike. */
export function replay(shard: TransactionShard, event: TransactionEvent): void {
  switch (event.kind) {
    case 'TransactionStored':
      shard.transactions.set(event.transactionalId, event.transaction)
      break
    case 'TransactionForgotten':
      shard.transactions.delete(event.transactionalId)
      break
    default:
      event satisfies never
  }
}
