import { Name } from '../../../parts/name.js'
import type { Column } from '../../../parts/table.js'
import { count, duration, rate } from '../../../text/format.js'
import type { By, LagSum } from './lag-sums.js'

/** `labels`: of members, by their ids. */
export function sumColumns(by: By, labels: ReadonlyMap<string, string>): readonly Column<LagSum>[] {
  const named = (name: string): string => (by === 'member' ? (labels.get(name) ?? name) : name)
  return [
    {
      id: 'name',
      label: `${by[0]?.toUpperCase()}${by.slice(1)}`,
      isHead: true,
      cell: ({ name }) => (name === null ? 'nobody' : <Name name={named(name)} />),
    },
    { id: 'partitions', label: 'Partitions', isNumber: true, cell: ({ partitions }) => count(partitions) },
    { id: 'lag', label: 'Lag', isNumber: true, cell: ({ lag }) => count(lag) },
    { id: 'share', label: 'Share', isNumber: true, cell: ({ share }) => `${Math.round(share * 100)} %` },
    { id: 'behind', label: 'Behind', isNumber: true, cell: ({ lagSeconds }) => duration(lagSeconds) },
    { id: 'in', label: 'In', isNumber: true, cell: ({ producedPerSecond }) => rate(producedPerSecond) },
    { id: 'out', label: 'Out', isNumber: true, cell: ({ consumedPerSecond }) => rate(consumedPerSecond) },
  ]
}
