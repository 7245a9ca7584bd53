import { VERSION } from '@rivven/runtime'
import { settingText } from '../../config/broker-config.js'
import { type BrokerKey, brokerKeys } from '../../config/broker-keys.js'
import type { BrokerServices } from '../../handlers/handler.js'
import type { Place } from '../places.js'
import { Problem } from '../problem.js'
import { route, type Visitor } from '../route.js'
import { list, nullable, number, one, shape, type Told, text } from '../shape.js'

const clientLine = shape('ClientLine', {
  software: text('As it calls itself (KIP-511).'),
  version: text('Likewise.'),
  connections: number('That are open.'),
})

export const brokerPage = shape('BrokerFacts', {
  id: number('Its node id.'),
  version: text('Of Rivven.'),
  connections: number('Of clients, on all listeners.'),
  clients: list(one(clientLine, 'What of these say what they are; those with the most first.')),
  loopP99Ms: nullable(
    number('How long others wait for its event loop, of the last five minutes; 0 in its first one; null: not known.'),
  ),
  unwritable: number('Partitions that take no records since an error of the disk.'),
  freeBytes: nullable(number('On its disk; null: not known, or it stores on none.')),
  totalBytes: nullable(number('Likewise.')),
  commitP99Ms: nullable(
    number('Until commits of groups are on stable storage, of the last minutes; null: there were none.'),
  ),
})
export type BrokerPage = Told<typeof brokerPage>

const configLine = shape('BrokerConfig', {
  key: text('As rivven.yaml has it.'),
  value: nullable(text('Null: it is not told, or there is none.')),
  fallback: nullable(text('Its default; likewise.')),
})

export const brokerConfigs = shape('BrokerConfigs', {
  items: list(one(configLine, 'What somebody has set, by key.')),
})
export type BrokerConfigs = Told<typeof brokerConfigs>

export const describeBroker = route(
  {
    name: 'GET /api/cluster/brokers/:broker',
    about: 'How one broker does: its clients, its event loop and its disk. It is asked wherever the call comes to.',
    rights: { needs: 'DESCRIBE CLUSTER', anonymous: 'all' },
    answer: brokerPage,
    at: placeOfBroker,
  },
  async (visitor) => refusedElsewhere(visitor) ?? factsOf(visitor.services),
)

export const describeBrokerConfigs = route(
  {
    name: 'GET /api/cluster/brokers/:broker/configs',
    about:
      'What of the configuration of one broker somebody has set: file, environment or flag. Passwords are not told.',
    rights: { needs: 'DESCRIBE_CONFIGS CLUSTER' },
    answer: brokerConfigs,
    at: placeOfBroker,
  },
  (visitor) => refusedElsewhere(visitor) ?? { items: configsOf(visitor.services) },
)

/** Who is not there is answered for here. */
function placeOfBroker({ services: { cluster }, path }: Visitor): Place {
  const id = idIn(path)
  return id === cluster.brokerId || !cluster.image.brokers.has(id) ? 'here' : { broker: id }
}

function refusedElsewhere({ services, path }: Visitor): Problem | undefined {
  if (idIn(path) === services.cluster.brokerId) return undefined
  return new Problem('BROKER_NOT_FOUND', `There is no broker ${path.broker} here.`)
}

function idIn(path: Visitor['path']): number {
  return /^\d{1,10}$/.test(path.broker ?? '') ? Number(path.broker) : -1
}

async function factsOf({ cluster, traffic, clientSoftware, brokerWatch }: BrokerServices): Promise<BrokerPage> {
  let connections = 0
  for (const open of traffic.openConnections.values()) connections += open
  return {
    ...{ id: cluster.brokerId, version: VERSION, connections, clients: clientSoftware.counts() },
    loopP99Ms: brokerWatch.loop()?.p99Ms ?? null,
    ...(await brokerWatch.disk()),
  }
}

function configsOf({ config }: BrokerServices): BrokerConfigs['items'] {
  return [...config.given].sort().map((key) => ({
    key,
    value: settingText(config, key as BrokerKey),
    fallback: fallbackText(key as BrokerKey),
  }))
}

function fallbackText(key: BrokerKey): string | null {
  const { type, fallback } = brokerKeys[key]
  return type === 'password' || fallback === undefined ? null : String(fallback)
}
