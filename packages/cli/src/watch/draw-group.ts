import type { GroupMember, RebalanceStory } from '@rivven/client'
import { causeWords } from '@rivven/doctor'
import { hostOf, nameOf } from '../explain/names.js'
import { catchUpText, type LagRow } from '../lag/lag-row.js'
import { partitionKey } from '../partition-key.js'
import { durationText } from '../text/durations.js'
import { printable } from '../text/output.js'
import { counted } from '../text/words.js'
import { columnsOf, type PictureLine } from './picture.js'
import type { GroupView, WatchState } from './watch-state.js'

/** One group: who owns what, how far behind that is, and why it last rebalanced. */
export function drawGroup({ view }: WatchState, groupId: string, now: number): PictureLine[] {
  if (view === null) return [{ text: printable(groupId) }]
  const { group, rows, rebalance } = view
  const head = [group.state, group.protocol, counted(group.members.length, 'member')].filter((word) => word !== '')
  const texts = [
    `${printable(groupId)}   ${head.map(printable).join(' · ')}`,
    rebalance === null ? '' : rebalanceText(rebalance, now),
    '',
    ...mapOf(view),
    '',
    ...lagTable(rows),
  ]
  return texts.map((text) => ({ text }))
}

function rebalanceText({ cause, culprit, startedAt, endedAt, partitions }: RebalanceStory, now: number): string {
  const why = printable(causeWords(cause).phrase(culprit && nameOf(culprit)))
  const moved = partitions === null ? '' : `; ${partitions.moved} moved, ${partitions.kept} stayed`
  return `Last rebalance ${durationText(now - endedAt)} ago, because ${why}; it took ${durationText(endedAt - startedAt)}${moved}.`
}

/** Members with their partitions as tiles, at the end those that nobody owns. */
function mapOf({ group, rows }: GroupView): string[] {
  const byPlace = new Map(rows.map((row) => [partitionKey(row), row]))
  const owned = new Set(group.members.flatMap(({ assignment }) => assignment.map(partitionKey)))
  const free = rows.filter((row) => !owned.has(partitionKey(row)))
  const lines = group.members.map((member): string[] => [memberName(member), tilesOf(member.assignment, byPlace)])
  return columnsOf([...lines, ...(free.length === 0 ? [] : [['nobody', tilesOf(free, byPlace)]])])
}

interface Place {
  readonly topic: string
  readonly partition: number
}

function memberName(member: GroupMember): string {
  return `${nameOf(member)} (${hostOf(member)})`
}

/** `orders [0] [1 41 s]  payments [2]`: with how long something has waited, or how many records where that is not known. */
function tilesOf(places: readonly Place[], rows: ReadonlyMap<string, LagRow>): string {
  const topics = [...new Set(places.map(({ topic }) => topic))].sort()
  return topics
    .map((topic) => {
      const partitions = places.filter((place) => place.topic === topic).map(({ partition }) => partition)
      const tiles = partitions
        .sort((a, b) => a - b)
        .map((partition) => tileOf(partition, rows.get(partitionKey({ topic, partition }))))
      return `${topic} ${tiles.join(' ')}`
    })
    .join('  ')
}

function tileOf(partition: number, row: LagRow | undefined): string {
  if (!row || row.lag === null || row.lag <= 0) return `[${partition}]`
  return `[${partition} ${row.lagSeconds === null ? row.lag : durationText(row.lagSeconds * 1_000)}]`
}

function lagTable(rows: readonly LagRow[]): string[] {
  if (rows.length === 0) return ['Nothing is committed.']
  const worst = [...rows].sort((a, b) => (b.lag ?? -1) - (a.lag ?? -1))
  return columnsOf([
    ['TOPIC', 'PARTITION', 'OFFSET', 'END', 'LAG', 'BEHIND', 'CATCH-UP', 'STATUS'],
    ...worst.map(cellsOf),
  ])
}

function cellsOf(row: LagRow): (string | number)[] {
  const { topic, partition, currentOffset, logEndOffset, lag, lagSeconds, status, reason } = row
  return [
    ...[topic, partition, currentOffset ?? '-', logEndOffset ?? '-', lag ?? '-'],
    lagSeconds === null ? '-' : durationText(lagSeconds * 1_000),
    catchUpText(row) ?? '-',
    reason === null ? (status ?? '-') : `${status} (${reason})`,
  ]
}
