import { StatusBadge } from '../../../parts/badge.js'
import { Name, PartitionLink } from '../../../parts/name.js'
import type { Column } from '../../../parts/table.js'
import { catchUp, count, duration, rate } from '../../../text/format.js'
import type { OwnedPartition } from './owners.js'

/** `labels`: of members, by their ids. */
export function partitionColumns(labels: ReadonlyMap<string, string>): readonly Column<OwnedPartition>[] {
  return [
    {
      id: 'partition',
      label: 'Partition',
      isHead: true,
      cell: ({ topic, partition }) => <PartitionLink topic={topic} partition={partition} />,
    },
    { id: 'status', label: 'Status', cell: ({ lag }) => <StatusBadge status={lag?.status ?? null} /> },
    {
      id: 'owner',
      label: 'Owner',
      cell: ({ owner }) => (owner === null ? 'nobody' : <Name name={labels.get(owner) ?? owner} />),
    },
    { id: 'committed', label: 'Committed', isNumber: true, cell: ({ offset }) => count(offset?.committedOffset) },
    {
      id: 'end',
      label: 'End',
      isNumber: true,
      cell: ({ offset, lag }) => count(offset?.logEndOffset ?? lag?.logEndOffset),
    },
    { id: 'lag', label: 'Lag', isNumber: true, cell: ({ offset, lag }) => count(offset?.lag ?? lag?.lag) },
    { id: 'behind', label: 'Behind', isNumber: true, cell: ({ lag }) => duration(lag?.lagSeconds) },
    { id: 'in', label: 'In', isNumber: true, cell: ({ lag }) => rate(lag?.producedPerSecond) },
    { id: 'out', label: 'Out', isNumber: true, cell: ({ lag }) => rate(lag?.consumedPerSecond) },
    {
      id: 'catch-up',
      label: 'Catch-up',
      isNumber: true,
      cell: ({ lag }) => (lag ? catchUp(lag.catchUpSeconds, lag.eta) : '–'),
    },
  ]
}
