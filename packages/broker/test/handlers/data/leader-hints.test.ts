import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode, type FetchResponse, type ProduceResponse } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import type { Cluster } from '../../../src/cluster/cluster.js'
import { PartitionFinder } from '../../../src/cluster/partition-finder.js'
import { Transitions } from '../../../src/cluster/transitions.js'
import { brokerConfig } from '../../../src/config/broker-config.js'
import { FetchSessions } from '../../../src/fetch/fetch-sessions.js'
import { handleFetch } from '../../../src/handlers/data/fetch.js'
import { LeaderHints } from '../../../src/handlers/data/leader-hints.js'
import { handleProduce } from '../../../src/handlers/data/produce.js'
import type { BrokerServices, RequestContext } from '../../../src/handlers/handler.js'
import type { Logs } from '../../../src/log/logs.js'
import { imageOf, nodeOf } from '../../cluster/image-fixture.js'
import { openAccess } from '../open-access.js'

const { NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH } = ErrorCode
const advertised = { host: 'localhost', port: 19092 }

/** Broker 1, asked over PLAINTEXT, of a topic whose partitions these lead, in their second epoch. */
function hints(leaders: (number | null)[], brokers = [nodeOf(1), nodeOf(2)]): LeaderHints {
  const partitions = leaders.map((leader) => ({ partId: 0, leader, epoch: 2 }))
  const image = imageOf({ topics: [{ name: 't', id: 'id', partitions }], brokers })
  const cluster = { brokerId: 1, image, isServing: true } as Cluster
  return new LeaderHints({ cluster }, { advertised, listener: 'PLAINTEXT' } as RequestContext)
}

test('of a partition that is led elsewhere the leader is told, and once where it is', () => {
  const of = hints([2, 2])
  for (const partition of [0, 1]) {
    assert.deepEqual(of.of('t', partition, NOT_LEADER_OR_FOLLOWER), { leaderId: 2, leaderEpoch: 2 })
  }
  assert.deepEqual(of.nodeEndpoints, [{ nodeId: 2, host: 'broker-2', port: 9092, rack: null }])
})

test('a client that knows an older epoch of this leader learns the present one', () => {
  const of = hints([1])
  assert.deepEqual(of.of('t', 0, FENCED_LEADER_EPOCH), { leaderId: 1, leaderEpoch: 2 })
  assert.deepEqual(of.nodeEndpoints, [{ nodeId: 1, ...advertised, rack: null }])
})

test('nobody is told of where nobody leads, where it is opened here, where the leader cannot be reached, and with other errors', () => {
  const out = nodeOf(3, { addresses: new Map() })
  const of = hints([null, 1, 2, 3, 4], [nodeOf(1), nodeOf(2), out])
  for (const partition of [0, 1, 3, 4, 5]) assert.equal(of.of('t', partition, NOT_LEADER_OR_FOLLOWER), undefined)
  for (const errorCode of [0, UNKNOWN_LEADER_EPOCH]) assert.equal(of.of('t', 2, errorCode), undefined)
  assert.deepEqual(of.nodeEndpoints, [])
})

/** Broker 1 in a cluster where broker 2 leads the only partition of `topic`. */
function elsewhere() {
  const partitions = [{ partId: 0, leader: 2, epoch: 9 }]
  const image = imageOf({ topics: [{ ...topic, partitions }], brokers: [nodeOf(1), nodeOf(2)] })
  const cluster = { brokerId: 1, image, isServing: true } as Cluster
  const catalog = { topic: () => topic, topicById: () => topic }
  const { clock, random } = nodeRuntime()
  return {
    ...{ cluster, catalog, runtime: { clock }, config: brokerConfig() },
    partitions: new PartitionFinder(
      cluster,
      { get: () => undefined, view: () => undefined } as unknown as Logs,
      new Transitions(clock),
    ),
    fetchSessions: new FetchSessions({ slots: 0, partitions: 0 }, clock, random),
    readers: { note: () => undefined, answered: () => undefined },
  } as unknown as BrokerServices
}

const topic = { name: 't', id: 'AAAAAAAAAAAAAAAAAAAAAQ', partitionCount: 1 }
const records = Buffer.from('never looked at')
const fields = { fetchOffset: 0, partitionMaxBytes: 1_000, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }
const limits = { maxWaitMs: 0, minBytes: 0, maxBytes: 1_000, isolationLevel: 0, sessionId: 0, sessionEpoch: -1 }
const asFollower = { replicaId: -1, replicaState: { replicaId: -1, replicaEpoch: -1 } }

/** The request of each API for the partition, and how its answer looks there. */
const asks = [
  {
    ...{ handler: handleProduce, versions: [10, 13] },
    request: (names: object) => ({
      ...{ acks: 1, transactionalId: null },
      topicData: [{ ...names, partitionData: [{ index: 0, records }] }],
    }),
    resultOf: (answer: ProduceResponse) => answer.responses[0]?.partitionResponses[0],
  },
  {
    ...{ handler: handleFetch, versions: [16, 17] },
    request: (names: object) => ({
      ...{ ...limits, ...asFollower, forgottenTopicsData: [] },
      topics: [{ ...names, partitions: [{ partition: 0, ...fields }] }],
    }),
    resultOf: (answer: FetchResponse) => answer.responses[0]?.partitions[0],
  },
] as const

for (const { handler, versions, request, resultOf } of asks) {
  test(`${handler.api.name} says who leads a partition that is not led here, and where`, async () => {
    for (const apiVersion of versions) {
      const names =
        handler.api.name === 'Produce' && apiVersion < 13 ? { name: 't', topicId: '' } : { topicId: topic.id }
      const context = { apiVersion, access: openAccess, advertised, listener: 'PLAINTEXT' } as RequestContext
      const answer = (await handler.handle(request({ name: '', topic: '', ...names }), elsewhere(), context)) as never
      const { errorCode, currentLeader } = resultOf(answer) as { errorCode: number; currentLeader: object }
      assert.deepEqual([errorCode, currentLeader], [NOT_LEADER_OR_FOLLOWER, { leaderId: 2, leaderEpoch: 9 }])
      const { nodeEndpoints } = answer as FetchResponse
      assert.deepEqual(nodeEndpoints, [{ nodeId: 2, host: 'broker-2', port: 9092, rack: null }])
    }
  })
}
