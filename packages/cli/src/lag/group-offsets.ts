import type { Admin } from '@rivven/client'
import { offsetsAt } from '../offsets-at.js'
import { partitionKey } from '../partition-key.js'
import { commandText } from '../text/command-text.js'
import type { Column, Row } from '../text/output.js'

/** Where a group stands in one partition. */
export interface PartitionLag extends Row {
  topic: string
  partition: number
  /** null: nothing was committed. */
  currentOffset: number | null
  logEndOffset: number | null
  /** Below 0: the committed offset is beyond the end, as when a topic lost records or was made anew. */
  lag: number | null
}

export const lagColumns: Column[] = [
  { field: 'topic', title: 'TOPIC' },
  { field: 'partition', title: 'PARTITION' },
  { field: 'currentOffset', title: 'CURRENT-OFFSET' },
  { field: 'logEndOffset', title: 'LOG-END-OFFSET' },
  { field: 'lag', title: 'LAG' },
]

/** All partitions with a committed offset and those that members own, in order. */
export async function lagOfGroup(
  admin: Admin,
  groupId: string,
  owned: readonly { topic: string; partition: number }[] = [],
): Promise<PartitionLag[]> {
  const committed = await admin.listGroupOffsets(groupId)
  const partitions = new Map(
    [...owned, ...committed].map(({ topic, partition }) => [partitionKey({ topic, partition }), { topic, partition }]),
  )
  const ends = await offsetsAt(admin, [...partitions.values()], 'latest')
  const offsets = new Map(committed.map((place) => [partitionKey(place), place.offset]))
  const lags = [...partitions].map(([key, { topic, partition }]) => {
    const offset = offsets.get(key) ?? null
    const end = ends.get(key) ?? null
    return {
      topic,
      partition,
      currentOffset: offset,
      logEndOffset: end,
      lag: offset === null || end === null ? null : end - offset,
    }
  })
  return lags.sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition))
}

/** A word to people about offsets that nothing will ever reach, or null. */
export function beyondEnd(groupId: string, lags: readonly PartitionLag[]): string | null {
  const beyond = lags.filter(({ lag }) => lag !== null && lag < 0)
  const [first] = beyond
  if (!first) return null
  const more = beyond.length === 1 ? '' : ` and ${beyond.length - 1} more`
  const reset = commandText('group reset-offsets', [groupId], ['--topic', first.topic, '--to-earliest', '--dry-run'])
  return `${first.topic}/${first.partition}${more}: the committed offset is beyond the end, as when a topic lost records or was made anew. \`${reset}\` shows what moving it back would change.\n`
}
