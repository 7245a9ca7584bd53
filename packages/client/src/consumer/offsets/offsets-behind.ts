import { CommitFailedError } from '@rivven/link'
import type { OffsetToCommit } from '../../admin/group-offsets.js'
import { invalid } from '../../options.js'
import { partitionKey } from '../../topic-partition.js'
import type { ConsumerRecord } from '../fetch/consumer-record.js'
import type { SubscriptionState } from '../state/subscription-state.js'

/** What says which record is meant: the record itself, or a copy of it. */
export type RecordPlace = Pick<ConsumerRecord, 'topic' | 'partition' | 'offset' | 'leaderEpoch'>

/**
 * For each partition what to commit when these records, and all before them, are handled; without what is committed
 * already. Throws COMMIT_FAILED for records that were not read since the position was moved.
 */
export function offsetsBehind(records: readonly RecordPlace[], subscription: SubscriptionState): OffsetToCommit[] {
  const last = new Map<string, RecordPlace>()
  for (const record of records) {
    checkRecord(record)
    const key = partitionKey(record.topic, record.partition)
    if (record.offset >= (last.get(key)?.offset ?? 0)) last.set(key, record)
  }
  return [...last.values()].flatMap((record) => offsetBehind(record, subscription) ?? [])
}

/** null: it is committed. */
function offsetBehind(record: RecordPlace, subscription: SubscriptionState): OffsetToCommit | null {
  const { topic, partition, offset, leaderEpoch } = record
  // Of a member that lost the partition, whoever commits says why.
  const state = subscription.isShared ? subscription.of(topic, partition) : subscription.mustOwn(record)
  if (!state) return { topic, partition, offset: offset + 1, leaderEpoch }
  if (!state.delivered || offset >= state.delivered.offset) throw notRead(record)
  const place = state.placeBehind(offset, leaderEpoch)
  return place.offset === state.committedOffset ? null : { topic, partition, ...place }
}

function checkRecord(record: RecordPlace): void {
  const isPlace = typeof record?.topic === 'string' && Number.isInteger(record.partition)
  if (isPlace && Number.isSafeInteger(record.offset) && record.offset >= 0) return
  const hint = 'Give a record that poll or for await returned, or a list of them; commitOffsets commits other offsets.'
  throw invalid('What is to be committed is no record.', hint)
}

function notRead({ topic, partition, offset }: RecordPlace): CommitFailedError {
  const text = `${topic}/${partition} cannot be committed behind offset ${offset}: its position was moved since that was read.`
  const hint = 'Go on reading; commitOffsets commits any offset.'
  return new CommitFailedError('COMMIT_FAILED', text, { hint, facts: { topic, partition, offset } })
}
