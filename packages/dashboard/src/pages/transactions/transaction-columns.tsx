import type { ApiAnswers } from '@rivven/broker'
import { NameLink } from '../../parts/name.js'
import type { Column } from '../../parts/table.js'
import { duration, millis } from '../../text/format.js'
import { visible } from '../../text/visible.js'
import { moment } from '../../world/moment.js'
import { ageOf, isOverdue, partitionsText } from './transactions-query.js'

type Row = ApiAnswers.TransactionRow

export const columns: readonly Column<Row>[] = [
  {
    id: 'id',
    label: 'Transactional id',
    sort: 'id',
    isHead: true,
    cell: ({ transactionalId }) => <NameLink of="transactions" name={transactionalId} />,
  },
  { id: 'state', label: 'State', sort: 'state', cell: ({ state }) => state },
  { id: 'open', label: 'Open for', isNumber: true, cell: (row) => <OpenFor row={row} /> },
  { id: 'timeout', label: 'Timeout', isNumber: true, cell: ({ timeoutMs }) => millis(timeoutMs) },
  {
    id: 'producer',
    label: 'Producer',
    sort: 'producer',
    isNumber: true,
    cell: ({ producerId, producerEpoch }) => `${producerId}, epoch ${producerEpoch}`,
  },
  {
    id: 'partitions',
    label: 'Written to',
    cell: ({ partitions }) => <span class="long">{visible(partitions.map(partitionsText).join('; ')) || '–'}</span>,
  },
]

/** How long it has been open; it is told where that is longer than it may be. */
export function OpenFor({ row }: { row: Row }) {
  const age = duration(ageOf(row, moment.value))
  return isOverdue(row, moment.value) ? <span class="badge status-stop">● {age}</span> : <>{age}</>
}
