import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FetchRequest } from '@rivven/protocol'
import { askInnerInTurns, askInTurns, Breath, eachInTurns, mapInnerInTurns, mapInTurns } from '../../src/breath.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { allHandlers } from '../../src/handlers/all-handlers.js'
import { changesOf } from '../../src/handlers/changes/change-list.js'
import type { BrokerServices, RequestContext } from '../../src/handlers/handler.js'
import { distinctInTurns, withoutRepeats } from '../../src/handlers/repeats.js'
import { BusyClock } from '../busy-clock.js'
import { clusterOfOne } from '../cluster/image-fixture.js'
import { openAccess } from './open-access.js'

const COUNT = 1_000

function rig() {
  const clock = new BusyClock()
  const none = async () => new Map()
  const known = { partitionCount: 1, configs: new Map(), name: 't', id: 'AAAAAAAAAAAAAAAAAAAAAA', isInternal: false }
  const services = {
    config: brokerConfig(),
    runtime: { clock },
    catalog: {
      ...{
        topic: () => known,
        topicById: () => undefined,
        collidingTopic: () => undefined,
        topics: () => each((name) => ({ ...known, name })),
      },
      ...{ createTopics: none, deleteTopics: none, growTopics: async () => new Set(), configureTopics: none, room: 9 },
    },
    readers: { note: () => undefined, answered: () => undefined },
    fetchSessions: {
      plan: ({ topics: [topic] }: FetchRequest) => ({
        kind: 'full',
        wishes: topic?.partitions ?? [],
        session: undefined,
      }),
    },
    logs: { get: () => undefined, has: () => false, opened: () => undefined },
    partitions: {
      log: () => undefined,
      view: () => undefined,
      faultOf: () => 3,
      coming: () => undefined,
      allComing: () => undefined,
    },
    cluster: clusterOfOne,
    coordinator: {
      ready: async () => 0,
      describeGroup: (groupId: string) => ({ groupId, errorCode: 0 }),
      deleteGroup: (groupId: string) => ({ groupId, errorCode: 0 }),
      fetchOffsets: ({ groupId }: { groupId: string }) => ({ groupId, topics: [], errorCode: 0 }),
    },
    transactions: { describe: async () => ({ topics: [] }), addPartitions: async () => ({}) },
  } as unknown as BrokerServices
  return { clock, services }
}

const lists = { assignments: [], configs: [], topicNames: [], configurationKeys: [] }
const each = <T>(make: (name: string, at: number) => T): T[] =>
  Array.from({ length: COUNT }, (_, at) => make(`n${at}`, at))
const topics = each((name) => ({ ...lists, name, topicId: 'AAAAAAAAAAAAAAAAAAAAAA', numPartitions: 1, count: 2 }))
const resources = each((resourceName) => ({ ...lists, resourceType: 2, resourceName }))
const inOneTopic = (partitions: object[] | number[], name: string) => ({ topics: [{ name: 't', [name]: partitions }] })
const requests: readonly [string, number, object][] = [
  ['CreateTopics', 5, { topics, validateOnly: true }],
  ['CreatePartitions', 3, { topics, validateOnly: true }],
  ['DeleteTopics', 6, { topics }],
  ['Metadata', 9, { topics, allowAutoTopicCreation: false }],
  ['DescribeConfigs', 4, { resources }],
  ['AlterConfigs', 2, { resources }],
  ['IncrementalAlterConfigs', 1, { resources }],
  [
    'ListOffsets',
    7,
    inOneTopic(
      each((_, partitionIndex) => ({ partitionIndex })),
      'partitions',
    ),
  ],
  [
    'OffsetForLeaderEpoch',
    4,
    inOneTopic(
      each((_, partition) => ({ topic: 't', partition })),
      'partitions',
    ),
  ],
  [
    'DescribeProducers',
    0,
    inOneTopic(
      each((_, at) => at),
      'partitionIndexes',
    ),
  ],
  [
    'ListOffsets',
    7,
    {
      topics: each((name) => ({ name, partitions: [{ partitionIndex: 0 }] })),
    },
  ],
  ['FindCoordinator', 4, { keyType: 0, coordinatorKeys: each((name) => name) }],
  ['DescribeGroups', 5, { groups: each((name) => name) }],
  ['DeleteGroups', 2, { groupsNames: each((name) => name) }],
  ['OffsetFetch', 9, { groups: each((groupId) => ({ groupId, topics: null })) }],
  ['DescribeLogDirs', 1, { topics: null }],
  [
    'DeleteRecords',
    2,
    inOneTopic(
      each((_, partitionIndex) => ({ partitionIndex })),
      'partitions',
    ),
  ],
  [
    'Fetch',
    11,
    {
      maxWaitMs: 0,
      replicaId: -1,
      replicaState: { replicaId: -1 },
      ...inOneTopic(
        each((_, partition) => ({ topic: 't', partition })),
        'partitions',
      ),
    },
  ],
  [
    'Produce',
    9,
    {
      topicData: [1, 2, 3].map((at) => ({
        name: `t${at}`,
        partitionData: each((_, index) => ({ index, records: null })),
      })),
      transactionalId: null,
    },
  ],
  [
    'AddPartitionsToTxn',
    4,
    { transactions: each((transactionalId) => ({ transactionalId, topics: [{ name: 't', partitions: [0] }] })) },
  ],
  ['DescribeTransactions', 0, { transactionalIds: each((name) => name) }],
]

for (const [apiName, apiVersion, request] of requests) {
  test(`${apiName} of many things lets others have their turn, again and again`, async () => {
    const { clock, services } = rig()
    const context = { apiVersion, advertised: { host: 'h', port: 1 }, access: openAccess } as RequestContext
    await allHandlers.find(({ api }) => api.name === apiName)?.handle(request, services, context)
    assert.ok(clock.turns >= COUNT / 10, `${clock.turns} turns for ${COUNT} elements`)
  })
}

test('Metadata of a few topics, which may be wide, lets others have their turn, too', async () => {
  const { clock, services } = rig()
  const context = { apiVersion: 9, advertised: { host: 'h', port: 1 }, access: openAccess } as RequestContext
  const request = { topics: topics.slice(0, 40), allowAutoTopicCreation: false }
  await allHandlers.find(({ api }) => api.name === 'Metadata')?.handle(request, services, context)
  assert.ok(clock.turns >= 4, `${clock.turns} turns`)
})

test('what is mapped in turns keeps its order, and a short list needs no promise', async () => {
  const clock = new BusyClock()
  assert.deepEqual(
    mapInTurns([1, 2, 3], clock, (item) => item * 2),
    [2, 4, 6],
  )
  const long = each((_, at) => at)
  assert.deepEqual(await mapInTurns(long, clock, (item) => item), long)
  const inner = await mapInnerInTurns(
    [1, 2],
    (outer) => [outer, outer * 10],
    clock,
    (item, outer) => [outer, item],
  )
  assert.deepEqual(inner, [
    [
      [1, 1],
      [1, 10],
    ],
    [
      [2, 2],
      [2, 20],
    ],
  ])
})

test('what is asked in turns is answered in order, by promises or at once', async () => {
  const clock = new BusyClock()
  const numbers = each((_, at) => at)
  const later = async (item: number) => item * 2
  const doubled = await askInTurns(numbers, clock, (item) => (item % 3 === 0 ? item * 2 : later(item)))
  assert.deepEqual(
    doubled,
    numbers.map((item) => item * 2),
  )
  const inner = await askInnerInTurns(
    [1, 2, 3],
    (outer) => (outer === 2 ? [] : [outer, outer * 10]),
    clock,
    async (item, outer) => [outer, item],
  )
  assert.deepEqual(inner, [
    [
      [1, 1],
      [1, 10],
    ],
    [],
    [
      [3, 3],
      [3, 30],
    ],
  ])
})

test('what a long list names twice is found in turns, and what a short one names needs no promise', async () => {
  const clock = new BusyClock()
  assert.deepEqual(
    distinctInTurns([1, 2, 3], (item) => item % 2, clock),
    [1, 2],
  )
  const found = await distinctInTurns(
    each((_, at) => at),
    (item) => item % 10,
    clock,
  )
  assert.deepEqual(found, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  assert.ok(clock.turns >= COUNT / 10, `${clock.turns} turns`)
})

test('many short lists let others have their turn as one long list does', async () => {
  const clock = new BusyClock()
  const breath = new Breath(clock)
  for (let list = 0; list < COUNT; list++) await withoutRepeats([1, 2], (item) => item, breath)
  assert.ok(clock.turns >= COUNT / 10, `${clock.turns} turns`)
})

test('one that fails fails all, whatever is asked behind it', async () => {
  const clock = new BusyClock()
  const fail = async (item: number): Promise<number> => {
    if (item === 7) throw new Error('a bug')
    return item
  }
  const numbers = each((_, at) => at)
  await assert.rejects(askInTurns(numbers, clock, fail), /a bug/)
})

test('what is made one by one from a long list is made and used in turns', async () => {
  const clock = new BusyClock()
  let made = 0
  const used: number[] = []
  function* items() {
    while (made < COUNT) yield made++
  }
  const done = eachInTurns(items(), clock, (item) => used.push(item))
  assert.ok(made < 10)
  await done
  assert.deepEqual(
    used,
    Array.from({ length: COUNT }, (_, at) => at),
  )
  assert.ok(clock.turns > 100)
})

test('what the audit log hears of 1,000 ACLs is made when it is told', () => {
  let named = 0
  const results = Array.from({ length: COUNT }, () => ({ errorCode: 0 }))
  const [first] = changesOf(results, () => ({ operation: 'CREATE', type: 'ACL', name: String(named++) }))
  assert.equal(first?.name, '0')
  assert.equal(named, 1)
})
