import type { ApiAnswers } from '@rivven/broker'
import { StatusBadge } from '../../parts/badge.js'
import { NameLink } from '../../parts/name.js'
import type { Column } from '../../parts/table.js'
import { catchUp, count, duration } from '../../text/format.js'

export const columns: readonly Column<ApiAnswers.GroupRow>[] = [
  {
    id: 'group',
    label: 'Group',
    sort: 'group',
    isHead: true,
    cell: ({ groupId }) => <NameLink of="groups" name={groupId} />,
  },
  { id: 'status', label: 'Status', sort: 'status', cell: ({ status }) => <StatusBadge status={status} /> },
  { id: 'state', label: 'State', sort: 'state', cell: ({ state }) => state },
  { id: 'members', label: 'Members', sort: 'members', isNumber: true, cell: ({ memberCount }) => count(memberCount) },
  { id: 'lag', label: 'Lag', sort: 'lag', isNumber: true, cell: ({ lag }) => count(lag) },
  {
    id: 'behind',
    label: 'Behind',
    sort: 'lagSeconds',
    isNumber: true,
    cell: ({ lagSeconds }) => duration(lagSeconds),
  },
  {
    id: 'catch-up',
    label: 'Catch-up',
    isNumber: true,
    cell: ({ catchUpSeconds, eta, lagSeconds }) => (lagSeconds === null ? '–' : catchUp(catchUpSeconds, eta)),
  },
]
