import { nameToPath } from '@rivven/protocol'
import type { CommandContext } from '../../context.js'
import { noSnapshots } from '../../reset/way.js'
import { saidByRivven } from '../../said-by-rivven.js'
import { timeText } from '../../text/durations.js'
import { type Column, type Row, renderRows, renderValue } from '../../text/output.js'

/** What of `GET /api/groups/:group/snapshots` is shown. */
interface Snapshot {
  readonly id: number
  readonly time: number
  readonly by: string
  readonly from: string
  readonly tool: string
  readonly reason: string
  readonly mode: string
  readonly undoneBy: number | null
  readonly changes: readonly unknown[]
}

const columns: readonly Column[] = [
  { field: 'id', title: 'ID' },
  { field: 'time', title: 'TIME' },
  { field: 'by', title: 'BY' },
  { field: 'from', title: 'FROM' },
  { field: 'tool', title: 'TOOL' },
  { field: 'mode', title: 'HOW' },
  { field: 'partitions', title: 'PARTITIONS' },
  { field: 'undoneBy', title: 'UNDONE-BY' },
  { field: 'reason', title: 'REASON' },
]

export async function showSnapshots(context: CommandContext, groupId: string): Promise<void> {
  const { output, terminal } = context
  const admin = await context.admin()
  const said = await saidByRivven<{ items: readonly Snapshot[] }>(
    admin.call('GET', `/api/groups/${nameToPath(groupId)}/snapshots`),
  )
  if (!said) throw noSnapshots()
  const { items } = said
  if (output === 'json' || output === 'yaml') return terminal.out(renderValue(output, items))
  terminal.out(
    output === 'ndjson'
      ? items.map((item) => `${JSON.stringify(item)}\n`).join('')
      : renderRows(output, columns, items.map(rowOf)),
  )
  if (items.length === 0) terminal.words(`Nobody has changed offsets of "${groupId}" of late.\n`)
}

function rowOf({ changes, time, ...snapshot }: Snapshot): Row {
  return { ...snapshot, time: timeText(time), partitions: changes.length }
}
