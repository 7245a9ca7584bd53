import type { Admin, GroupDescription } from '@rivven/client'
import type { Look } from '@rivven/doctor'
import type { CommandContext } from '../../context.js'
import { withFirstRecords } from '../../lag/first-records.js'
import { type LagRow, notKnown } from '../../lag/lag-row.js'
import { offsetsAt } from '../../offsets-at.js'
import { partitionKey } from '../../partition-key.js'
import { inParallel } from '../in-parallel.js'

/** A group, as any broker tells of it at one time. */
export interface GroupLook extends Look {
  readonly group: GroupDescription
  readonly partitions: readonly LagRow[]
}

/** All groups at one time: what they have committed before where logs end, so that nobody seems to be beyond an end. */
export async function lookAtGroups(context: CommandContext, groupIds: readonly string[]): Promise<GroupLook[]> {
  const admin = await context.admin()
  const at = context.runtime.clock.monotonic()
  const groups = await admin.describeGroups(groupIds)
  const standings = await inParallel(groups, async (group) => ({ group, rows: await committedRows(admin, group) }))
  const places = standings.flatMap(({ rows }) => rows)
  const ends = await offsetsAt(admin, places, 'latest')
  const starts = await offsetsAt(admin, places, 'earliest')
  return standings.map(({ group, rows }) => ({
    ...{ at, group },
    partitions: rows.map((row) => {
      const [logStartOffset = null, logEndOffset = null] = [starts.get(partitionKey(row)), ends.get(partitionKey(row))]
      const lag = row.currentOffset === null || logEndOffset === null ? null : logEndOffset - row.currentOffset
      return { ...row, logStartOffset, logEndOffset, lag }
    }),
  }))
}

/** The same, with how long what waits has been there: records are read for that. */
export async function withAges(context: CommandContext, looks: readonly GroupLook[]): Promise<GroupLook[]> {
  return inParallel(looks, async (look) => ({ ...look, partitions: await withFirstRecords(context, look.partitions) }))
}

/** Partitions in which the group has committed, and those that members own. */
async function committedRows(admin: Admin, { groupId, members }: GroupDescription): Promise<LagRow[]> {
  const committed = await admin.listGroupOffsets(groupId)
  const rows = new Map<string, LagRow>()
  const add = (topic: string, partition: number, more: { currentOffset: number } | { owner: string }) => {
    const place = partitionKey({ topic, partition })
    const known = rows.get(place) ?? {
      ...notKnown,
      topic,
      partition,
      currentOffset: null,
      logEndOffset: null,
      lag: null,
    }
    rows.set(place, { ...known, ...more })
  }
  for (const { topic, partition, offset } of committed) add(topic, partition, { currentOffset: offset })
  for (const { memberId, assignment } of members)
    for (const { topic, partition } of assignment) add(topic, partition, { owner: memberId })
  return [...rows.values()]
}
