// Kafka's answers from three brokers: whatever a conversation asks goes first to broker 1, which leads nothing, and from there to where
// its refusals (errors 6 and 16, and hints), Metadata and FindCoordinator send a client.
import { startRivvenCluster } from '@rivven/testing'
import type { Conversation, Json } from '../conversation.js'
import { asRecorded, type OwnBroker, type Settings, testRecordings } from '../in-process.js'
import { type BrokerAddress, RoutedConnection } from './routed-connection.js'

const FIRST = 1

function configOf(settings: Settings): Record<string, string | number | boolean> {
  const own = Object.entries(settings).map(([key, value]) => [key.replaceAll('.', '_'), value])
  return {
    ...asRecorded,
    auto_leader_rebalance_enable: false,
    ...Object.fromEntries(own),
  }
}

/** Three brokers that a conversation takes for one; those that are `idle` lead nothing. */
async function startThree(settings: Settings, idle: readonly number[]): Promise<OwnBroker> {
  const cluster = await startRivvenCluster({ brokers: 3, config: configOf(settings) })
  for (const id of idle) await cluster.drain(id)
  const brokers: BrokerAddress[] = cluster.brokers.map(({ id, broker }) => ({ id, ...broker.address }))
  const sessions = new Map<Json, number>()
  const [{ host, port }] = brokers as [BrokerAddress]
  return {
    host,
    port,
    connect: () => new RoutedConnection(brokers, FIRST, sessions),
    async restart(how) {
      const leading = cluster.brokers.filter(({ id }) => !idle.includes(id))
      for (const { id } of leading) {
        if (how === 'kill') await cluster.kill(id)
        await cluster.restart(id)
      }
    },
    close: () => cluster.close(),
  }
}

/** By name: why it holds for one broker only. */
const onlyAlone: Readonly<Record<string, string>> = {
  'DescribeQuorum tells of one voter, which leads, and of no other topic': 'there are three',
  'A reassignment to the only broker is done at once, one to another broker is refused, and none is ever under way':
    'broker 2 is there',
}

const isMeant = ({ security = false, name }: Conversation) => !security && onlyAlone[name] === undefined
/** What is sent to two brokers without waiting for answers comes in no order. */
const sentAhead: ReadonlySet<string> = new Set(['Produce and commit in one go of requests'])
/** Many fetch several partitions, and count on one fetch session for all: one broker leads what they write to. */
const isOfOneLeader = (folder: string, name: string) => folder.startsWith('data') || sentAhead.has(name)

testRecordings(
  (conversation, folder) => isMeant(conversation) && isOfOneLeader(folder, conversation.name),
  (settings) => startThree(settings, [1, 2]),
)
testRecordings(
  (conversation, folder) => isMeant(conversation) && !isOfOneLeader(folder, conversation.name),
  (settings) => startThree(settings, [1]),
)
