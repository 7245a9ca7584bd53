import type { Admin, ProducersOfPartition, TopicPartition, TransactionDescription } from '@rivven/client'
import type { TransactionFact } from '@rivven/doctor'
import { offsetsAt } from '../../offsets-at.js'
import { partitionKey } from '../../partition-key.js'
import type { GroupLook } from './group-looks.js'

/** Transactions that are open in these partitions, so that readers of committed records wait. */
export async function openTransactions(
  admin: Admin,
  places: readonly TopicPartition[],
  looks: readonly GroupLook[],
): Promise<TransactionFact[]> {
  const stableEnds = await offsetsAt(admin, places, 'latest', 'read_committed')
  const ends = await offsetsAt(admin, places, 'latest')
  const held = places.filter(
    (place) => (stableEnds.get(partitionKey(place)) ?? 0) < (ends.get(partitionKey(place)) ?? 0),
  )
  if (held.length === 0) return []
  const open = openIn(await admin.describeProducers(held))
  const transactions = await transactionsOf(admin, open)
  return open.map(({ producer, ...place }) => {
    const key = partitionKey(place)
    const transaction = transactions.get(producer.producerId)
    return {
      ...place,
      producerId: producer.producerId,
      transactionalId: transaction?.transactionalId ?? null,
      startedAt: transaction?.startedAt ?? producer.lastTimestamp,
      timeoutMs: transaction?.timeoutMs ?? null,
      firstOffset: producer.transactionStartOffset!,
      heldRecords: ends.get(key)! - stableEnds.get(key)!,
      groups: groupsAt(looks, key, stableEnds.get(key)!),
    }
  })
}

function openIn(producers: readonly ProducersOfPartition[]) {
  return producers.flatMap(({ topic, partition, producers }) =>
    producers
      .filter(({ transactionStartOffset }) => transactionStartOffset !== null)
      .map((producer) => ({ topic, partition, producer })),
  )
}

/** By producer id, as far as a coordinator knows them. */
async function transactionsOf(
  admin: Admin,
  open: ReturnType<typeof openIn>,
): Promise<Map<number, TransactionDescription>> {
  const producerIds = [...new Set(open.map(({ producer }) => producer.producerId))]
  const listed = producerIds.length === 0 ? [] : await admin.listTransactions({ producerIds })
  const described = await admin.describeTransactions(listed.map(({ transactionalId }) => transactionalId))
  return new Map(described.map((transaction) => [transaction.producerId, transaction]))
}

/** Groups that have read all they can get there, if they read committed records alone. */
function groupsAt(looks: readonly GroupLook[], place: string, stableEnd: number): string[] {
  const stands = ({ partitions }: GroupLook) =>
    partitions.some((row) => partitionKey(row) === place && row.currentOffset === stableEnd)
  return looks.filter(stands).map(({ group }) => group.groupId)
}
