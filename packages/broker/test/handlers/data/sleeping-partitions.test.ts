import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  DeleteRecords,
  DescribeProducers,
  Fetch,
  type FetchResponse,
  ListOffsets,
  OffsetForLeaderEpoch,
} from '@rivven/protocol'
import { nodeRuntime, ProcessHold } from '@rivven/runtime'
import type { Cluster } from '../../../src/cluster/cluster.js'
import { PartitionFinder } from '../../../src/cluster/partition-finder.js'
import { Transitions } from '../../../src/cluster/transitions.js'
import { brokerConfig } from '../../../src/config/broker-config.js'
import { FetchSessions } from '../../../src/fetch/fetch-sessions.js'
import { Readers } from '../../../src/fetch/readers.js'
import { RebalanceHints } from '../../../src/fetch/rebalance-hints.js'
import { allHandlers } from '../../../src/handlers/all-handlers.js'
import type { BrokerServices, RequestContext } from '../../../src/handlers/handler.js'
import { LogStore } from '../../../src/log/log-store.js'
import { MemoryStorage } from '../../../src/storage/memory/memory-storage.js'
import { batchOf } from '../../log/log-fixture.js'
import { topicConfig } from '../../log/record-vectors.js'
import { openAccess } from '../open-access.js'

// What waits here has timers of the background alone, and no socket.
const hold = new ProcessHold()
before(() => {
  hold.isHeld = true
})
after(() => hold.release())

const topic = { name: 't', id: 'AAAAAAAAAAAAAAAAAAAAAQ', logConfig: topicConfig({}), isInternal: false }

/** A broker that leads partition 0 of a topic, which nobody has written to. */
async function asleep() {
  const runtime = nodeRuntime()
  const { clock, random } = runtime
  const logs = new LogStore({ storage: new MemoryStorage(clock), clock })
  await logs.open({ ...topic, configs: topic.logConfig }, [0], 7)
  const cluster = { brokerId: 1, isServing: true } as Cluster
  const services = {
    ...{ runtime, logs, cluster, config: brokerConfig(), catalog: { topic: () => topic } },
    partitions: new PartitionFinder(cluster, logs, new Transitions(clock)),
    fetchSessions: new FetchSessions({ slots: 0, partitions: 0 }, clock, random),
    rebalanceHints: new RebalanceHints(clock),
    readers: new Readers(clock),
  } as unknown as BrokerServices
  const connection = { onClose: () => () => undefined }
  const ask = async (key: number, apiVersion: number, request: object) => {
    const context = { apiVersion, access: openAccess, clientId: 'c', clientHost: 'h', connection }
    const handler = allHandlers.find(({ api }) => api.key === key)
    return handler?.handle(request, services, context as unknown as RequestContext)
  }
  return { logs, ask }
}

const ofTopic = (partitions: readonly unknown[], key = 'partitions') => [{ name: 't', topic: 't', [key]: partitions }]
const fetchOf = (maxWaitMs: number) => ({
  ...{ maxWaitMs, minBytes: 1, maxBytes: 1_000, isolationLevel: 0, sessionId: 0, sessionEpoch: -1 },
  ...{ replicaId: -1, replicaState: { replicaId: -1, replicaEpoch: -1 }, forgottenTopicsData: [] },
  topics: ofTopic([
    { partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000, currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
  ]),
})
const asks: readonly [string, number, number, object, object][] = [
  ...([-1, -2, -3, 0] as const).map((timestamp): [string, number, number, object, object] => [
    `ListOffsets by ${timestamp}`,
    ListOffsets.key,
    7,
    { isolationLevel: 1, topics: ofTopic([{ partitionIndex: 0, timestamp, currentLeaderEpoch: 7 }]) },
    { errorCode: 0, offset: timestamp === -1 || timestamp === -2 ? 0 : -1 },
  ]),
  [
    'OffsetForLeaderEpoch',
    OffsetForLeaderEpoch.key,
    4,
    { topics: ofTopic([{ partition: 0, currentLeaderEpoch: 7, leaderEpoch: 7 }]) },
    { errorCode: 0, leaderEpoch: 7, endOffset: 0 },
  ],
  ['DescribeProducers', DescribeProducers.key, 0, { topics: ofTopic([0], 'partitionIndexes') }, { errorCode: 0 }],
  ...([-1, 0] as const).map((offset): [string, number, number, object, object] => [
    `DeleteRecords before ${offset}`,
    DeleteRecords.key,
    2,
    { topics: ofTopic([{ partitionIndex: 0, offset }]) },
    { errorCode: 0, lowWatermark: 0 },
  ]),
  ['Fetch', Fetch.key, 11, fetchOf(1), { errorCode: 0, highWatermark: 0 }],
]

for (const [name, key, version, request, expected] of asks)
  test(`${name} of a partition that nobody has written to is answered without a log`, async () => {
    const { logs, ask } = await asleep()
    const answer = (await ask(key, version, request)) as { topics?: object[]; responses?: object[] }
    const [found] = (answer.topics ?? answer.responses) as { partitions: Record<string, unknown>[] }[]
    const said = Object.entries(found?.partitions[0] ?? {}).filter(([name]) => name in expected)
    assert.deepEqual(Object.fromEntries(said), expected)
    assert.equal(logs.opened('t', 0), undefined)
  })

test('a fetch that waits for a partition that nobody has written to gets its first record', async () => {
  const { logs, ask } = await asleep()
  const waiting = ask(Fetch.key, 11, fetchOf(60_000))
  await logs.get('t', 0)?.append(batchOf(['a=1']), { acks: 1, origin: 'client', produceVersion: 9 })
  const [found] = ((await waiting) as FetchResponse).responses
  assert.equal(found?.partitions[0]?.highWatermark, 1)
})
