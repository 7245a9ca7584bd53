import type { Decision, Now, WriteMarkers } from './decision.js'
import type { TransactionShard } from './shard.js'
import { isPrepared, type TopicPartitions } from './transaction.js'
import { completed } from './transitions.js'
import { noDecision, Turn } from './turn.js'

/** Which markers are written, or need not be any more because their partition was deleted. */
export interface WrittenMarkers extends Pick<WriteMarkers, 'transactionalId' | 'producerId' | 'producerEpoch'> {
  readonly partitions: readonly TopicPartitions[]
}

/**
 * The host reports what became of a `WriteMarkers`, at once or piece by piece. After the last one the transaction is
 * complete. Reports of an earlier transaction, and those that come twice, do nothing.
 */
export function markersWritten(shard: TransactionShard, written: WrittenMarkers, now: Now): Decision {
  const { transactionalId, producerId, producerEpoch, partitions } = written
  const transaction = shard.transactions.get(transactionalId)
  const unmarked = shard.unmarked.get(transactionalId)
  if (!transaction || !unmarked || !isPrepared(transaction)) return noDecision
  if (transaction.producerId !== producerId || transaction.producerEpoch !== producerEpoch) return noDecision
  unmarked.delete(partitions)
  if (!unmarked.isEmpty) return noDecision
  const turn = new Turn(shard, transactionalId, now)
  turn.store(completed(transaction, now.wall))
  return turn.decide()
}
