import { textTable } from '../support/text-table.js'
import type { CampaignResult } from './campaign.js'
import { sizeTable } from './check/database-size.js'
import type { PauseRow } from './check/pauses.js'

/** What happened, the longest time without an acknowledgement by fault and partition, and what must not be. */
export function reportOf({
  acknowledged,
  copied,
  removedUncopied,
  failures,
  groups,
  pauses,
  violations,
  sizes,
}: CampaignResult): string {
  const rebalances = groups.map(({ name, rebalances }) => `${name} ${rebalances}`).join(', ')
  const facts = `${acknowledged} records acknowledged, ${failures} given up, ${copied} copied in transactions; rebalances: ${rebalances}`
  const behind = removedUncopied === 0 ? [] : [`Retention removed ${removedUncopied} records before they were copied.`]
  const sentences = violations.sentences.map((sentence) => `VIOLATION  ${sentence}`)
  const more = violations.count - violations.sentences.length
  if (more > 0) sentences.push(`VIOLATION  and ${more} more`)
  const tables = sizes.length === 0 ? [] : [`What the database held\n${textTable(sizeTable(sizes))}`]
  const verdict = [...sentences, `${violations.count} violations`].join('\n')
  return [facts, ...behind, pauseTable(pauses), ...tables, verdict].join('\n\n')
}

function pauseTable(rows: readonly PauseRow[]): string {
  const partitions = rows[0]?.byPartition ?? []
  const head = ['FAULT', 'TIMES', 'MEDIAN', 'LONGEST', ...partitions.map((_, partition) => `P${partition}`)]
  const lines = rows.map(({ kind, count, longest, byPartition }) => [
    kind,
    String(count),
    seconds(longest[longest.length >> 1]!),
    seconds(longest.at(-1)!),
    ...byPartition.map(seconds),
  ])
  return `Longest time without an acknowledgement, in seconds\n${textTable([head, ...lines])}`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2)
}
