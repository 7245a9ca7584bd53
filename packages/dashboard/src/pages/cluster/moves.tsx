import type { ApiAnswers } from '@rivven/broker'
import { PartitionLink } from '../../parts/name.js'
import { type Column, Table } from '../../parts/table.js'
import { millis } from '../../text/format.js'

type Cluster = ApiAnswers.ClusterPage
type Move = Cluster['moves'][number]
type MadeMove = Cluster['lastMoves'][number]

/** So many of those that were made are shown. */
const mostMade = 50

/** Partitions that change hands, and those that have. Of a broker that is alone there are none. */
export function Moves({ page: { moves, lastMoves, brokers } }: { page: Cluster }) {
  if (brokers.length < 2 && lastMoves.length === 0) return null
  return (
    <section>
      <h2>Moves</h2>
      {moves.length === 0 ? (
        <p class="dim">No partition changes hands.</p>
      ) : (
        <Table
          caption="Under way"
          columns={[place, from, to, why]}
          rows={moves}
          keyOf={({ topic, partition }) => `${topic}/${partition}`}
          commandOf={() => 'rivvenctl cluster describe --moves'}
        />
      )}
      {lastMoves.length > 0 && (
        <Table<MadeMove>
          caption="Made by the broker that was asked, the newest first"
          columns={[place, from, to, why, pause, when]}
          rows={lastMoves.toReversed().slice(0, mostMade)}
          keyOf={({ at, topic, partition }: MadeMove) => `${at} ${topic}/${partition}`}
          commandOf={() => 'rivvenctl cluster describe --moves'}
        />
      )}
    </section>
  )
}

const place: Column<Move> = {
  id: 'partition',
  label: 'Partition',
  isHead: true,
  cell: ({ topic, partition }) => <PartitionLink topic={topic} partition={partition} />,
}
const from: Column<Move> = { id: 'from', label: 'From', cell: ({ from: leader }) => leader ?? 'nobody' }
const to: Column<Move> = { id: 'to', label: 'To', cell: ({ to: leader }) => leader }
const why: Column<Move> = { id: 'why', label: 'Why', cell: ({ why: reason }) => reason }
const pause: Column<MadeMove> = {
  id: 'pause',
  label: 'Requests waited',
  isNumber: true,
  cell: ({ pauseMs }) => millis(pauseMs),
}
const when: Column<MadeMove> = { id: 'when', label: 'When', cell: ({ at: time }) => time }
