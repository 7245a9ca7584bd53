import { useSignal } from '@preact/signals'
import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { Empty } from '../../../loaded/empty.js'
import { Name } from '../../../parts/name.js'
import { type Column, Table } from '../../../parts/table.js'
import { hrefOf } from '../../../route/route.js'
import { count, duration, utc } from '../../../text/format.js'
import { visible } from '../../../text/visible.js'
import { moment } from '../../../world/moment.js'
import type { TabProps } from '../tabs.js'
import { ResetDialog } from './reset-dialog.js'
import { doneText } from './reset-request.js'
import { Snapshots } from './snapshots.js'

type Row = ApiAnswers.GroupOffset

/** What is committed, and how to move it and take that back. */
export function OffsetsTab({ group, page }: TabProps) {
  const isAsking = useSignal(false)
  const done = useSignal<ApiAnswers.GroupReset | undefined>(undefined)
  return (
    <>
      <RunningReset reset={page.reset} />
      {done.value && (
        <p class="panel done" role="status">
          ✓ {visible(doneText(done.value))}
        </p>
      )}
      <Committed group={group} page={page} move={() => (isAsking.value = true)} />
      <Snapshots
        group={group}
        isLive={page.memberCount > 0}
        after={done.value?.snapshot ?? null}
        undone={(answer) => {
          done.value = answer
        }}
      />
      {isAsking.value && (
        <ResetDialog
          group={group}
          page={page}
          close={(answer) => {
            isAsking.value = false
            if (answer) done.value = answer
          }}
        />
      )}
    </>
  )
}

function Committed({ group, page, move }: { group: string; page: ApiAnswers.GroupPage; move: () => void }) {
  const { offsets, offsetsExpireAt } = page
  if (offsets.length === 0)
    return (
      <Empty title="This group has committed nothing" command={commandText('consume TOPIC --group', [group])}>
        <p>Its offsets are here as soon as it commits some:</p>
      </Empty>
    )
  return (
    <>
      <div class="page-head">
        <h2>Committed</h2>
        <span class="counts">
          {offsetsExpireAt === null ? 'kept while it has members' : `the first of them expires ${utc(offsetsExpireAt)}`}
        </span>
        <button type="button" onClick={move}>
          Move offsets…
        </button>
      </div>
      <Table
        caption="Committed offsets"
        isCaptionHidden
        columns={columns}
        rows={offsets}
        keyOf={({ topic, partition }) => `${topic}/${partition}`}
        commandOf={() => commandText('group describe', [group], ['--offsets'])}
      />
    </>
  )
}

const columns: readonly Column<Row>[] = [
  {
    id: 'partition',
    label: 'Partition',
    isHead: true,
    cell: ({ topic, partition, committedOffset }) => (
      <a href={hrefOf(['topics', topic, 'records'], { way: 'offset', partition, offset: committedOffset })}>
        <Name name={topic} />/{partition}
      </a>
    ),
  },
  { id: 'committed', label: 'Committed', isNumber: true, cell: ({ committedOffset }) => count(committedOffset) },
  { id: 'start', label: 'Start', isNumber: true, cell: ({ logStartOffset }) => count(logStartOffset) },
  { id: 'end', label: 'End', isNumber: true, cell: ({ logEndOffset }) => count(logEndOffset) },
  { id: 'lag', label: 'Lag', isNumber: true, cell: ({ lag }) => count(lag) },
  {
    id: 'age',
    label: 'Committed ago',
    isNumber: true,
    cell: ({ committedAt }) => (
      <span title={utc(committedAt)}>{duration(Math.max(0, Math.round((moment.value - committedAt) / 1000)))}</span>
    ),
  },
  {
    id: 'metadata',
    label: 'Metadata',
    cell: ({ metadata }) => (metadata === '' ? '–' : <bdi class="long">{visible(metadata)}</bdi>),
  },
]

const stages = {
  joining: 'members are asked to hand over',
  draining: 'members that kept partitions are told to give them up',
  drained: 'members have given up all partitions',
} as const

/** A reset that waits for members, whoever asked for it. */
function RunningReset({ reset }: { reset: ApiAnswers.GroupPage['reset'] }) {
  if (reset === null) return null
  return (
    <p class="panel running" role="status">
      Offsets are being moved: {stages[reset.stage]} ({count(reset.memberCount)}).{' '}
      {reset.reason !== '' && visible(reset.reason)}
    </p>
  )
}
