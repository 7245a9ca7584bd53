import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreatePartitions,
  CreateTopics,
  DeleteGroups,
  DeleteTopics,
  DescribeConfigs,
  DescribeGroups,
  FindCoordinator,
  Heartbeat,
  InitProducerId,
  JoinGroup,
  LeaveGroup,
  ListConfigResources,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  SyncGroup,
} from '@rivven/protocol'
import { startRivven } from '@rivven/testing'
import { RawConnection } from '../support/raw-connection.js'

// What a frame within the limit of bytes may hold: the malformed-input table, rows 14 and 43 to 47.
let rivven: Awaited<ReturnType<typeof startRivven>>
let canary: RawConnection
before(async () => {
  rivven = await startRivven()
  canary = await RawConnection.open(rivven.port)
})
after(async () => {
  canary.destroy()
  await rivven.close()
})

/** Somebody else's request is answered. */
async function othersAreServed(): Promise<void> {
  const { errorCode } = await canary.call(Heartbeat, 0, { groupId: 'nobody', generationId: 1, memberId: 'x' })
  assert.equal(errorCode, 25)
}

/** Sends a request on a connection of its own. */
async function attack<T>(use: (connection: RawConnection) => Promise<T>): Promise<T> {
  const connection = await RawConnection.open(rivven.port)
  try {
    const result = use(connection)
    await othersAreServed()
    return await result
  } finally {
    connection.destroy()
  }
}

const many = <T>(count: number, element: T): T[] => Array.from({ length: count }, () => element)

test('row 14: a request that names 250,000 topics ends its connection, and nobody else notices', async () => {
  const topics = Array.from({ length: 250_000 }, (_, at) => ({ name: String(at) }))
  await assert.rejects(
    attack((connection) => connection.call(Metadata, 4, { topics, allowAutoTopicCreation: true })),
    /the broker closed the connection/,
  )
  const { topics: known } = await canary.call(Metadata, 4, { topics: null })
  assert.ok(known.every(({ isInternal }) => isInternal))
})

test('row 43: millions of elements are refused with 42 where the answer has one error for all', async () => {
  const members = many(1_000_000, { memberId: 'm' })
  const left = await attack((connection) => connection.call(LeaveGroup, 3, { groupId: 'g', members }))
  assert.equal(left.errorCode, 42)
  const assignments = many(1_000_000, { memberId: '', assignment: Buffer.alloc(0) })
  const synced = await attack((connection) => connection.call(SyncGroup, 3, { groupId: 'g', assignments }))
  assert.equal(synced.errorCode, 42)
  const protocols = many(100_000, { name: 'p', metadata: Buffer.alloc(0) })
  const join = { groupId: 'g', protocolType: 'consumer', sessionTimeoutMs: 10_000, protocols }
  assert.equal((await attack((connection) => connection.call(JoinGroup, 3, join))).errorCode, 42)
  const listing = { resourceTypes: many(1_000_000, 2) }
  assert.equal((await attack((connection) => connection.call(ListConfigResources, 1, listing))).errorCode, 42)
})

test('row 43: elsewhere they end their connection', async () => {
  const coordinatorKeys = many(1_000_000, '')
  const closed = /the broker closed the connection/
  await assert.rejects(
    attack((connection) => connection.call(FindCoordinator, 4, { coordinatorKeys })),
    closed,
  )
  const groups = many(1_000_000, '')
  await assert.rejects(
    attack((connection) => connection.call(DescribeGroups, 5, { groups })),
    closed,
  )
  const resources = many(700_000, { resourceType: 4, resourceName: '1' })
  await assert.rejects(
    attack((connection) => connection.call(DescribeConfigs, 4, { resources })),
    closed,
  )
})

test('row 45: an answer that is a thousand times its request is made as it is read', async () => {
  const topics = [{ name: 'wide', numPartitions: 1_000, replicationFactor: 1 }]
  await canary.call(CreateTopics, 5, { topics })
  const partitions = Array.from({ length: 1_000 }, (_, partitionIndex) => ({ partitionIndex, committedOffset: 7 }))
  await canary.call(OffsetCommit, 8, { groupId: 'wide', topics: [{ name: 'wide', partitions }] })
  const groups = many(200, { groupId: 'wide', topics: null })
  const answer = await attack(async (connection) => {
    connection.socket.pause()
    const reading = connection.call(OffsetFetch, 8, { groups })
    await othersAreServed()
    connection.socket.resume()
    return reading
  })
  assert.equal(answer.groups.length, 200)
  assert.ok(answer.groups.every((group) => group.topics[0]?.partitions.length === 1_000))
})

test('row 46: no more partitions are made than there is room for, by naming topics or by making them', async () => {
  await using small = await startRivven({ config: { max_partitions: 10 } })
  const connection = await RawConnection.open(small.port)
  const topics = Array.from({ length: 20 }, (_, at) => ({ name: `named-${at}` }))
  const named = await connection.call(Metadata, 4, { topics, allowAutoTopicCreation: true })
  assert.deepEqual(
    named.topics.map(({ errorCode }) => errorCode),
    [...many(10, 0), ...many(10, 3)],
  )
  const create = () =>
    connection.call(CreateTopics, 5, { topics: [{ name: 'made', numPartitions: 1, replicationFactor: 1 }] })
  assert.deepEqual(
    (await create()).topics.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]),
    [[44, 'This broker takes 10 partitions in all: delete topics, or raise max_partitions.']],
  )
  const grow = { topics: [{ name: 'named-0', count: 2, assignments: null }] }
  assert.equal((await connection.call(CreatePartitions, 2, grow)).results[0]?.errorCode, 44)
  await connection.call(DeleteTopics, 3, { topicNames: ['named-9'] })
  assert.equal((await create()).topics[0]?.errorCode, 0)
  // The broker's own topics are made all the same.
  assert.equal((await connection.call(FindCoordinator, 1, { key: 'g' })).errorCode, 0)
  connection.destroy()
})

test('row 46: one request that names topics makes 10,000 at most', async () => {
  await using empty = await startRivven()
  const connection = await RawConnection.open(empty.port)
  const topics = Array.from({ length: 12_000 }, (_, at) => ({ name: `t${at}` }))
  const answer = await connection.call(Metadata, 4, { topics, allowAutoTopicCreation: true })
  assert.equal(answer.topics.filter(({ errorCode }) => errorCode === 0).length, 10_000)
  connection.destroy()
})

test('row 46: no more groups are made than there may be, by joining or by committing; those that are there go on', async () => {
  await using small = await startRivven({ config: { max_groups: 2 } })
  const connection = await RawConnection.open(small.port)
  await connection.call(CreateTopics, 5, { topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }] })
  const topics = [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 1 }] }]
  const commit = async (groupId: string) =>
    (await connection.call(OffsetCommit, 8, { groupId, topics })).topics[0]?.partitions[0]?.errorCode
  const protocols = [{ name: 'range', metadata: Buffer.alloc(1) }]
  const join = async (groupId: string) => {
    const request = { groupId, sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'c', protocols }
    return (await connection.call(JoinGroup, 4, request)).errorCode
  }
  assert.equal(await commit('first'), 0)
  assert.equal(await join('second'), 79)
  assert.deepEqual([await commit('third'), await join('third')], [15, 15])
  assert.deepEqual([await commit('first'), await join('second')], [0, 79])
  connection.destroy()
})

test('row 46: members of all groups tell no more of themselves than they may; those that are there go on', async () => {
  await using small = await startRivven({ config: { max_members_bytes: 10_000 } })
  const connection = await RawConnection.open(small.port)
  const times = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'c' }
  const join = (groupId: string, memberId: string, bytes: number) => {
    const protocols = [{ name: 'range', metadata: Buffer.alloc(bytes) }]
    return connection.call(JoinGroup, 4, { groupId, memberId, ...times, protocols })
  }
  const { memberId } = await join('first', '', 6_000)
  assert.equal((await join('first', memberId, 6_000)).errorCode, 0)
  assert.equal((await join('second', '', 6_000)).errorCode, 44)
  assert.equal((await join('first', memberId, 6_000)).errorCode, 0)
  assert.equal((await join('second', '', 1_000)).errorCode, 79)
  connection.destroy()
})

test('row 46: no more transactional ids are made than there may be; those that are there go on', async () => {
  await using small = await startRivven({ config: { max_transactional_ids: 1 } })
  const connection = await RawConnection.open(small.port)
  const init = async (transactionalId: string) =>
    (await connection.call(InitProducerId, 1, { transactionalId, transactionTimeoutMs: 1_000 })).errorCode
  assert.deepEqual([await init('first'), await init('second'), await init('first')], [0, 44, 0])
  connection.destroy()
})

test('row 46: no more offsets are committed than there may be; those that are there go on', async () => {
  await using small = await startRivven({ config: { max_committed_offsets: 3 } })
  const connection = await RawConnection.open(small.port)
  await connection.call(CreateTopics, 5, { topics: [{ name: 't', numPartitions: 4, replicationFactor: 1 }] })
  const commit = async (groupId: string, indexes: readonly number[], committedMetadata = '') => {
    const partitions = indexes.map((partitionIndex) => ({ partitionIndex, committedOffset: 1, committedMetadata }))
    const { topics } = await connection.call(OffsetCommit, 8, { groupId, topics: [{ name: 't', partitions }] })
    return topics[0]?.partitions.map(({ errorCode }) => errorCode)
  }
  assert.deepEqual(await commit('first', [0, 1]), [0, 0])
  assert.deepEqual(await commit('second', [0, 1]), [0, 44])
  assert.deepEqual(await commit('first', [0, 1, 2]), [0, 0, 44])
  assert.deepEqual(await commit('first', [0], 'x'.repeat(128)), [44])
  await connection.call(DeleteGroups, 2, { groupsNames: ['first'] })
  assert.deepEqual(await commit('second', [0, 1, 2, 3]), [0, 0, 0, 44])
  connection.destroy()
})
