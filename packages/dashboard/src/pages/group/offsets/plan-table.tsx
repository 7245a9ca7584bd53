import { signal } from '@preact/signals'
import type { ApiAnswers } from '@rivven/broker'
import { useEffect, useMemo } from 'preact/hooks'
import { ask, meta } from '../../../api/call.js'
import { Name } from '../../../parts/name.js'
import { type Column, Table } from '../../../parts/table.js'
import { recordTime } from '../../../record/record-time.js'
import { oneLine } from '../../../record/value-lines.js'
import { count } from '../../../text/format.js'
import { recordsPath } from '../../topic/records/records-query.js'
import { movesText } from './reset-request.js'

type Change = ApiAnswers.GroupReset['changes'][number]
type Firsts = ReadonlyMap<string, ApiAnswers.RecordRow | null>

/** Of so many partitions the record that would be read first is shown: each is a look at the log. */
const mostFirsts = 20

/** What would change, and which record would be read next. */
export function PlanTable({ changes }: { changes: readonly Change[] }) {
  const firsts = useMemo(() => signal<Firsts>(new Map()), [])
  useEffect(() => {
    const abort = new AbortController()
    if (meta.peek()?.records === true) void learnFirsts(changes, firsts, abort.signal)
    return () => abort.abort()
  }, [changes])
  return (
    <div class="plan">
      <Table caption="The plan" columns={columnsOf(firsts.value)} rows={changes} keyOf={keyOf} />
    </div>
  )
}

function keyOf({ topic, partition }: Change): string {
  return `${topic}/${partition}`
}

/** One after the other: the broker reads records for few at a time. Whoever may not read them sees none. */
async function learnFirsts(changes: readonly Change[], firsts: { value: Firsts }, stop: AbortSignal): Promise<void> {
  for (const change of changes.slice(0, mostFirsts)) {
    const { topic, partition, newOffset } = change
    if (newOffset === null) continue
    const path = recordsPath(topic, { partition, offset: newOffset, limit: 1 })
    const page = await ask<ApiAnswers.RecordPage>(path, { signal: stop }).catch(() => undefined)
    if (stop.aborted || !page) return
    firsts.value = new Map(firsts.value).set(keyOf(change), page.records[0] ?? null)
  }
}

function columnsOf(firsts: Firsts): readonly Column<Change>[] {
  return [
    {
      id: 'partition',
      label: 'Partition',
      isHead: true,
      cell: ({ topic, partition }) => (
        <span>
          <Name name={topic} />/{partition}
        </span>
      ),
    },
    { id: 'now', label: 'Now', isNumber: true, cell: ({ oldOffset }) => count(oldOffset) },
    { id: 'new', label: 'New', isNumber: true, cell: ({ newOffset }) => count(newOffset) },
    { id: 'moves', label: 'Moves', isNumber: true, cell: movesText },
    { id: 'first', label: 'First record there', cell: (change) => firstText(change, firsts) },
    { id: 'note', label: 'Note', cell: ({ note }) => note ?? '' },
  ]
}

function firstText(change: Change, firsts: Firsts): string {
  const record = firsts.get(keyOf(change))
  if (record === undefined) return '–'
  if (record === null) return 'what comes next'
  const { timestamp, key, value } = record
  return [recordTime(timestamp), ...(key ? [oneLine(key, 24)] : []), oneLine(value, 60)].join('  ')
}
