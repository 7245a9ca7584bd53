import type { ApiAnswers } from '@rivven/broker'
import { NameLink } from '../../parts/name.js'
import type { Column } from '../../parts/table.js'
import { hrefOf } from '../../route/route.js'
import { bytes, count, duration, rate } from '../../text/format.js'
import { retentionText } from './topics-query.js'

export const columns: readonly Column<ApiAnswers.TopicRow>[] = [
  {
    id: 'topic',
    label: 'Topic',
    sort: 'topic',
    isHead: true,
    cell: ({ topic }) => <NameLink of="topics" name={topic} />,
  },
  {
    id: 'partitions',
    label: 'Partitions',
    sort: 'partitions',
    isNumber: true,
    cell: ({ partitionCount }) => count(partitionCount),
  },
  { id: 'rate', label: 'In', isNumber: true, cell: ({ producedPerSecond }) => rate(producedPerSecond) },
  { id: 'size', label: 'Size', isNumber: true, cell: ({ size }) => bytes(size) },
  { id: 'retention', label: 'Kept', sort: 'retention', cell: (row) => retentionText(row, duration) },
  {
    id: 'groups',
    label: 'Groups',
    isNumber: true,
    cell: ({ topic, groupCount }) =>
      groupCount === 0 ? 'nobody' : <a href={hrefOf(['topics', topic, 'readers'])}>{count(groupCount)}</a>,
  },
]
