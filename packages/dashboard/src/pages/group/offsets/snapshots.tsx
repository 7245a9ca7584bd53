import { useSignal } from '@preact/signals'
import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { nameToPath } from '@rivven/protocol'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { ask, meta } from '../../../api/call.js'
import { type Problem, problemIn } from '../../../api/problem.js'
import { Shown } from '../../../loaded/shown.js'
import { useCall } from '../../../loaded/use-call.js'
import { Command } from '../../../parts/copy.js'
import { type Column, Table } from '../../../parts/table.js'
import { count, utc } from '../../../text/format.js'
import { visible } from '../../../text/visible.js'
import { handoverMs, undoBody, undoCommand } from './reset-request.js'

type Snapshot = ApiAnswers.GroupSnapshots['items'][number]
type Reset = ApiAnswers.GroupReset

interface SnapshotsProps {
  readonly group: string
  readonly isLive: boolean
  /** The newest that this page knows of: there is one more since. */
  readonly after: number | null
  undone(answer: Reset): void
}

/** Who moved offsets, and one click that takes it back. */
export function Snapshots({ group, isLive, after, undone }: SnapshotsProps) {
  const path = `api/groups/${nameToPath(group)}/snapshots`
  const { loaded, again } = useCall<ApiAnswers.GroupSnapshots>(path, 5000)
  const problem = useSignal<Problem | undefined>(undefined)
  const underWay = useSignal<number | undefined>(undefined)
  useEffect(() => again(), [after])
  const undo = (id: number): void => {
    underWay.value = id
    ask<Reset>(`api/groups/${nameToPath(group)}/resets`, {
      ...{ method: 'POST', body: undoBody(id, isLive), lastsMs: handoverMs },
    }).then(
      (answer) => {
        problem.value = undefined
        underWay.value = undefined
        undone(answer)
      },
      (error: unknown) => {
        problem.value = problemIn(error)
        underWay.value = undefined
      },
    )
  }
  const mayUndo = meta.value?.actions === true
  const action = (snapshot: Snapshot) =>
    mayUndo ? (
      <Undo snapshot={snapshot} isBusy={underWay.value !== undefined} undo={undo} />
    ) : (
      <Command command={undoCommand(group, snapshot.id, isLive)} />
    )
  return (
    <section class="snapshots">
      <h2>Changes by those who are no members</h2>
      {problem.value && <p role="alert">{visible(problem.value.detail)}</p>}
      <Shown
        loaded={loaded}
        what="changes"
        empty={({ items }) =>
          items.length > 0 ? null : (
            <p class="dim">
              There were none in the last 7 days. <Command command={commandText('group snapshots', [group])} />
            </p>
          )
        }
      >
        {({ items }) => (
          <Table
            caption="Changes, the newest first"
            isCaptionHidden
            columns={columnsOf(action)}
            rows={items}
            keyOf={({ id }) => String(id)}
            commandOf={() => commandText('group snapshots', [group])}
          />
        )}
      </Shown>
    </section>
  )
}

interface UndoProps {
  readonly snapshot: Snapshot
  readonly isBusy: boolean
  undo(id: number): void
}

function Undo({ snapshot: { id, undoneBy }, isBusy, undo }: UndoProps) {
  if (undoneBy !== null) return <span class="dim">undone by {undoneBy}</span>
  return (
    <button type="button" disabled={isBusy} onClick={() => undo(id)} aria-label={`Undo change ${id}`}>
      Undo
    </button>
  )
}

function columnsOf(action: (snapshot: Snapshot) => ComponentChildren): readonly Column<Snapshot>[] {
  return [
    { id: 'id', label: 'Change', isHead: true, cell: ({ id }) => String(id) },
    { id: 'time', label: 'When', cell: ({ time }) => utc(time) },
    {
      id: 'who',
      label: 'Who',
      cell: ({ by, from }) => visible([by, from].filter((word) => word !== '').join(', ')) || '–',
    },
    { id: 'tool', label: 'With', cell: ({ tool }) => visible(tool) || 'the API' },
    { id: 'how', label: 'How', cell: ({ mode, undoes }) => (undoes === null ? mode : `${mode}, undoes ${undoes}`) },
    { id: 'offsets', label: 'Offsets', isNumber: true, cell: ({ changes }) => count(changes.length) },
    { id: 'reason', label: 'Reason', cell: ({ reason }) => <span class="long">{visible(reason) || '–'}</span> },
    { id: 'undo', label: 'Take it back', cell: action },
  ]
}
