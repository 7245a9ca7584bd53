import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { type Column, Table } from '../../parts/table.js'
import { hrefOf } from '../../route/route.js'
import { bytes, count } from '../../text/format.js'
import type { TopicTabProps } from './tabs.js'
import { recordsIn } from './topic-page.js'

type Row = ApiAnswers.TopicPartition

/** Where each partition is led, and what it holds. */
export function PartitionsTab({ topic, page }: TopicTabProps) {
  return (
    <Table
      caption="Partitions"
      columns={columnsOf(topic)}
      rows={page.partitions}
      keyOf={({ partition }) => String(partition)}
      commandOf={() => commandText('topic describe', [topic])}
    />
  )
}

function columnsOf(topic: string): readonly Column<Row>[] {
  return [
    {
      id: 'partition',
      label: 'Partition',
      isHead: true,
      cell: ({ partition }) => (
        <a href={hrefOf(['topics', topic, 'records'], { partition })} aria-label={`Records of partition ${partition}`}>
          {partition}
        </a>
      ),
    },
    { id: 'state', label: 'State', cell: (row) => <State row={row} /> },
    {
      id: 'leader',
      label: 'Leader',
      isNumber: true,
      cell: ({ leader, leaderEpoch }) => (leader === null ? 'nobody' : `${leader}, epoch ${leaderEpoch}`),
    },
    { id: 'start', label: 'Start', isNumber: true, cell: ({ logStartOffset }) => count(logStartOffset) },
    { id: 'end', label: 'End', isNumber: true, cell: ({ logEndOffset }) => count(logEndOffset) },
    { id: 'records', label: 'Records', isNumber: true, cell: (row) => count(recordsIn(row)) },
    { id: 'held', label: 'Held back', isNumber: true, cell: (row) => count(heldBack(row)) },
    { id: 'size', label: 'Size', isNumber: true, cell: ({ size }) => bytes(size) },
  ]
}

function State({ row: { leader, isWritable } }: { row: Row }) {
  if (leader === null) return <span class="badge status-stop">● no leader</span>
  if (isWritable === null) return <span class="badge">not known</span>
  return isWritable ? (
    <span class="badge status-ok">✓ writable</span>
  ) : (
    <span class="badge status-stop">● takes no records</span>
  )
}

/** Behind an open transaction, for readers of committed data. */
function heldBack({ logEndOffset, lastStableOffset }: Row): number | null {
  return logEndOffset === null || lastStableOffset === null ? null : logEndOffset - lastStableOffset
}
