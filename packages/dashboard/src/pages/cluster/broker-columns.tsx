import type { ApiAnswers } from '@rivven/broker'
import type { Column } from '../../parts/table.js'
import { hrefOf } from '../../route/route.js'
import { visible } from '../../text/visible.js'

type Broker = ApiAnswers.ClusterPage['brokers'][number]

/** `chosen`: the one whose facts are shown. */
export function brokerColumns(chosen: number): readonly Column<Broker>[] {
  return [
    {
      id: 'broker',
      label: 'Broker',
      isHead: true,
      cell: ({ id }) => (
        <a href={hrefOf(['cluster'], { broker: id })} aria-current={id === chosen ? 'true' : undefined}>
          {id}
        </a>
      ),
    },
    {
      id: 'state',
      label: 'State',
      cell: ({ isDraining }) =>
        isDraining ? (
          <span class="badge status-warn">▲ draining</span>
        ) : (
          <span class="badge status-ok">✓ may lead</span>
        ),
    },
    { id: 'rack', label: 'Rack', cell: ({ rack }) => (rack === null ? '–' : visible(rack)) },
    {
      id: 'addresses',
      label: 'Addresses',
      cell: ({ addresses }) => <span class="long">{visible(addressText(addresses))}</span>,
    },
  ]
}

function addressText(addresses: Broker['addresses']): string {
  return Object.entries(addresses)
    .map(([name, address]) => `${name} ${address}`)
    .join(', ')
}
