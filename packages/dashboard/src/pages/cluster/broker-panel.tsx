import type { ApiAnswers } from '@rivven/broker'
import { quoted } from '@rivven/doctor'
import { urlOf } from '../../api/call.js'
import { Shown } from '../../loaded/shown.js'
import { useCall } from '../../loaded/use-call.js'
import { Command } from '../../parts/copy.js'
import { Figure, Figures } from '../../parts/figure.js'
import { type Column, Table } from '../../parts/table.js'
import { bytes, count, millis } from '../../text/format.js'
import { visible } from '../../text/visible.js'

type Facts = ApiAnswers.BrokerPage
type Config = ApiAnswers.BrokerConfigs['items'][number]

/** How one broker does, who its clients are, and what is set there. */
export function BrokerPanel({ id }: { id: number }) {
  const { loaded } = useCall<Facts>(`api/cluster/brokers/${id}`, 3000)
  const { loaded: configs } = useCall<ApiAnswers.BrokerConfigs>(`api/cluster/brokers/${id}/configs`)
  return (
    <section class="broker">
      <h2>Broker {id}</h2>
      <Shown loaded={loaded} what="how the broker does">
        {(facts) => (
          <>
            <BrokerFigures facts={facts} />
            <Clients facts={facts} />
          </>
        )}
      </Shown>
      <Shown
        loaded={configs}
        what="its configuration"
        empty={({ items }) => (items.length > 0 ? null : <AllDefaults />)}
      >
        {({ items }) => (
          <Table caption="Set by somebody" columns={configColumns} rows={items} keyOf={({ key }) => key} />
        )}
      </Shown>
    </section>
  )
}

function BrokerFigures({ facts }: { facts: Facts }) {
  const metrics = `curl ${quoted(urlOf('metrics'))}`
  const { connections, loopP99Ms, freeBytes, totalBytes, unwritable, commitP99Ms } = facts
  return (
    <Figures>
      <Figure label="Connections" value={count(connections)} command={metrics} note="of clients" />
      <Figure label="Event loop" value={millis(loopP99Ms)} note="others wait for it, p99" command={metrics} />
      <Figure label="Commits" value={millis(commitP99Ms)} note="until they are durable, p99" command={metrics} />
      <Figure
        label="Disk free"
        value={bytes(freeBytes)}
        note={freeBytes === null ? 'it stores in memory' : `of ${bytes(totalBytes)}`}
      />
      <Figure
        label="Unwritable"
        value={unwritable === 0 ? '0' : <span class="badge status-stop">● {count(unwritable)}</span>}
        note="partitions"
        command="rivvenctl doctor"
      />
    </Figures>
  )
}

type Client = Facts['clients'][number]

const clientColumns: readonly Column<Client>[] = [
  { id: 'client', label: 'Client', isHead: true, cell: ({ software }) => visible(software) },
  { id: 'version', label: 'Version', cell: ({ version }) => visible(version) || '–' },
  { id: 'connections', label: 'Connections', isNumber: true, cell: ({ connections }) => count(connections) },
]

/** Those that do not say what they are (kafkajs) are counted together. */
function Clients({ facts: { clients, connections } }: { facts: Facts }) {
  const named = clients.reduce((sum, client) => sum + client.connections, 0)
  const others = { software: 'not said', version: '', connections: Math.max(0, connections - named) }
  const rows = others.connections > 0 ? [...clients, others] : clients
  if (rows.length === 0)
    return (
      <p class="dim">
        No client is connected. <Command command="rivvenctl topic list" />
      </p>
    )
  return (
    <Table
      caption="Connections by client"
      columns={clientColumns}
      rows={rows}
      keyOf={({ software, version }) => `${software} ${version}`}
    />
  )
}

const configColumns: readonly Column<Config>[] = [
  { id: 'key', label: 'Key', isHead: true, cell: ({ key }) => <code>{key}</code> },
  { id: 'value', label: 'Value', cell: ({ value }) => <code class="long">{shownValue(value)}</code> },
  { id: 'default', label: 'Default', cell: ({ fallback }) => <code class="long">{shownValue(fallback)}</code> },
]

function shownValue(value: string | null): string {
  if (value === null) return 'not told'
  return value === '' ? '(empty)' : visible(value)
}

function AllDefaults() {
  return <p class="dim">Nothing is set: all keys have their defaults.</p>
}
