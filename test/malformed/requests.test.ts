import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  AddPartitionsToTxn,
  AlterConfigs,
  type Api,
  CreatePartitions,
  CreateTopics,
  DeleteGroups,
  DeleteRecords,
  DescribeConfigs,
  EndTxn,
  Fetch,
  Heartbeat,
  InitProducerId,
  JoinGroup,
  LeaveGroup,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetDelete,
  Produce,
  type RequestOf,
  type ResponseOf,
  SyncGroup,
  TxnOffsetCommit,
} from '@rivven/protocol'
import { startRivven } from '@rivven/testing'
import { RawConnection } from '../support/raw-connection.js'
import { badBatches, bombs, smallBatch } from './inputs/batches.js'
import { badJoins, badTopics, join } from './inputs/requests.js'

// What can be decoded gets an error code in its own answer: the malformed-input table, rows 14-35 and 37-40.
let rivven: Awaited<ReturnType<typeof startRivven>>
let connection: RawConnection
before(async () => {
  rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0, num_partitions: 2 } })
  connection = await RawConnection.open(rivven.port)
  await connection.call(CreateTopics, 5, {
    topics: [{ name: 'there', numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 5000,
  })
})
after(async () => {
  connection.destroy()
  await rivven.close()
})

const call = <A extends Api>(
  api: A,
  version: number,
  request: Parameters<typeof connection.call<A>>[2],
): Promise<ResponseOf<A>> => connection.call(api, version, request)

/** A group of one stable member. */
async function stableGroup(
  groupId: string,
  groupInstanceId: string | null = null,
): Promise<{ memberId: string; generationId: number }> {
  const isStatic = groupInstanceId !== null
  const join = {
    groupId,
    groupInstanceId,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('0000000000010005746865726500000000', 'hex') }],
  }
  const { memberId, generationId } = await call(JoinGroup, isStatic ? 5 : 3, join)
  await call(SyncGroup, 3, {
    groupId,
    groupInstanceId,
    generationId,
    memberId,
    assignments: [{ memberId, assignment: Buffer.from('mine') }],
  })
  return { memberId, generationId }
}

const produce = (records: Buffer, topic = 'there', acks = -1) =>
  call(Produce, 8, {
    transactionalId: null,
    acks,
    timeoutMs: 5000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  })
const codeOf = (response: ResponseOf<typeof Produce>) => response.responses[0]!.partitionResponses[0]!.errorCode
test('row 15: a topic asked for twice is answered once', async () => {
  const { topics } = await call(Metadata, 4, {
    topics: [{ name: 'there' }, { name: 'there' }],
    allowAutoTopicCreation: false,
  })
  assert.equal(topics.length, 1)
})

for (const name of ['', '.', '..', 'x'.repeat(250), 'a/b', 'a\0b', 'a b']) {
  test(`row 16: the topic name ${JSON.stringify(name.slice(0, 20))} is invalid`, async () => {
    const { topics } = await call(CreateTopics, 5, {
      topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 5000,
    })
    assert.equal(topics[0]!.errorCode, 17)
  })
}

for (const name of ['__proto__', 'constructor', 'hasOwnProperty']) {
  test(`row 17: ${name} is a name like any other`, async () => {
    const { topics } = await call(CreateTopics, 5, {
      topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 5000,
    })
    assert.equal(topics[0]!.errorCode, 0)
    assert.equal(codeOf(await produce(smallBatch(), name)), 0)
    const { memberId, generationId } = await stableGroup(name)
    assert.equal((await call(Heartbeat, 0, { groupId: name, generationId, memberId })).errorCode, 0)
    assert.equal(({} as Record<string, unknown>).errorCode, undefined)
  })
}

for (const [what, fields, code] of badJoins) {
  test(`row 18: JoinGroup with ${what} is answered ${code}`, async () => {
    const answer = await call(JoinGroup, 5, { ...join, groupId: 'row-18', ...fields })
    assert.equal(answer.errorCode, code)
    if (code === 79) assert.notEqual(answer.memberId, '')
  })
}

test('row 18: JoinGroup with another protocol type than the group has is answered 23', async () => {
  await stableGroup('typed')
  assert.equal((await call(JoinGroup, 5, { ...join, groupId: 'typed', protocolType: 'connect' })).errorCode, 23)
})

for (const metadata of ['ffffffffffff', '7fff0000', '00007fffffff', '']) {
  test(`row 19: subscription bytes "${metadata}" are passed on as they are`, async () => {
    const groupId = `opaque-${metadata}`
    const bytes = Buffer.from(metadata, 'hex')
    const joined = await call(JoinGroup, 3, { ...join, groupId, protocols: [{ name: 'range', metadata: bytes }] })
    assert.deepEqual(joined.members[0]?.metadata, bytes)
    const { generationId, memberId } = joined
    const { assignment } = await call(SyncGroup, 3, {
      groupId,
      generationId,
      memberId,
      assignments: [{ memberId, assignment: bytes }],
    })
    assert.deepEqual(assignment, bytes)
  })
}

test('row 20: SyncGroup for members not in the group is answered as if they were not named; an old generation 22', async () => {
  const { memberId, generationId } = await stableGroup('row-20')
  const assignments = [{ memberId: 'stranger', assignment: Buffer.from('x') }]
  const again = await call(SyncGroup, 3, { groupId: 'row-20', generationId, memberId, assignments })
  assert.deepEqual(again.assignment, Buffer.from('mine'))
  assert.equal(
    (await call(SyncGroup, 3, { groupId: 'row-20', generationId: generationId - 1, memberId, assignments })).errorCode,
    22,
  )
})

test('row 21: Heartbeat of an unknown group or member is answered 25, of an old generation 22', async () => {
  const { memberId, generationId } = await stableGroup('row-21')
  const beat = async (request: Partial<RequestOf<typeof Heartbeat>>) =>
    (await call(Heartbeat, 3, { groupId: 'row-21', generationId, memberId, ...request })).errorCode
  assert.deepEqual(
    [
      await beat({}),
      await beat({ groupId: 'none' }),
      await beat({ memberId: 'none' }),
      await beat({ generationId: generationId + 1 }),
    ],
    [0, 25, 25, 22],
  )
})

test('row 22: LeaveGroup answers a member at a time', async () => {
  const { memberId } = await stableGroup('row-22')
  const { members } = await call(LeaveGroup, 4, {
    groupId: 'row-22',
    members: [
      { memberId: 'none', groupInstanceId: null },
      { memberId, groupInstanceId: 'not-mine' },
      { memberId, groupInstanceId: null },
    ],
  })
  assert.deepEqual(
    members.map((member) => member.errorCode),
    [25, 25, 0],
  )
})

test('row 23: OffsetCommit names what is wrong for each partition', async () => {
  const { memberId, generationId } = await stableGroup('row-23')
  const commit = async (fields: Partial<RequestOf<typeof OffsetCommit>>, topic = 'there', committedMetadata = '') => {
    const topics = [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata }] }]
    const answer = await call(OffsetCommit, 7, {
      groupId: 'row-23',
      generationIdOrMemberEpoch: generationId,
      memberId,
      topics,
      ...fields,
    })
    return answer.topics[0]!.partitions[0]!.errorCode
  }
  assert.equal(await commit({}), 0)
  assert.equal(await commit({}, 'there', 'm'.repeat(4097)), 12)
  assert.equal(await commit({}, 'not-there'), 3)
  assert.equal(await commit({ generationIdOrMemberEpoch: generationId - 1 }), 22)
  assert.equal(await commit({ memberId: 'none' }), 25)
})

test('row 25: DeleteGroups spares groups with members; OffsetDelete spares subscribed topics', async () => {
  await stableGroup('row-25')
  const { results } = await call(DeleteGroups, 1, { groupsNames: ['row-25', 'unknown'] })
  assert.deepEqual(results.map((result) => [result.groupId, result.errorCode]).sort(), [
    ['row-25', 68],
    ['unknown', 69],
  ])
  const { topics } = await call(OffsetDelete, 0, {
    groupId: 'row-25',
    topics: [{ name: 'there', partitions: [{ partitionIndex: 0 }] }],
  })
  assert.equal(topics[0]!.partitions[0]!.errorCode, 86)
})

for (const [row, what, bytes, codes] of badBatches) {
  test(`row ${row}: a batch with ${what} is answered ${codes.join(' or ')}, and nothing is appended`, async () => {
    const end = await endOffset()
    const code = codeOf(await produce(bytes()))
    assert.ok(codes.includes(code), `it was answered ${code}`)
    assert.equal(await endOffset(), end)
    assert.equal(codeOf(await produce(smallBatch())), 0)
  })
}

async function endOffset(): Promise<number> {
  const { topics } = await call(ListOffsets, 5, {
    replicaId: -1,
    topics: [{ name: 'there', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  })
  return topics[0]!.partitions[0]!.offset
}

for (const codec of [1, 2, 3, 4]) {
  test(`row 27: a small batch that yields far too much under codec ${codec} is refused without its memory`, async () => {
    const bomb = bombs[codec]!()
    const before = process.memoryUsage().arrayBuffers
    const code = codeOf(await produce(bomb))
    assert.ok([2, 10, 87].includes(code), `it was answered ${code}`)
    assert.ok(process.memoryUsage().arrayBuffers - before < 300 * 1024 * 1024)
  })
}

test('row 29: acks 2 is refused; an error with acks 0 closes the connection', async () => {
  assert.equal(codeOf(await produce(smallBatch(), 'there', 2)), 21)
  const silent = await RawConnection.open(rivven.port)
  silent
    .call(Produce, 8, {
      transactionalId: null,
      acks: 0,
      timeoutMs: 1,
      topicData: [{ name: 'there', partitionData: [{ index: 99, records: smallBatch() }] }],
    })
    .catch(() => undefined)
  await silent.closed()
})

const fetchFrom = (fetchOffset: number, fields: Partial<RequestOf<typeof Fetch>> = {}) =>
  call(Fetch, 11, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 1,
    topics: [{ topic: 'there', partitions: [{ partition: 1, fetchOffset, partitionMaxBytes: 1000 }] }],
    ...fields,
  })

for (const offset of [1_000_000, -5]) {
  test(`row 31: Fetch from ${offset} is out of range`, async () => {
    assert.equal((await fetchFrom(offset)).responses[0]!.partitions[0]!.errorCode, 1)
  })
}

test('row 31: an unknown fetch session is answered 70, a wrong epoch 71', async () => {
  assert.equal((await fetchFrom(0, { sessionId: 12345, sessionEpoch: 3 })).errorCode, 70)
  const { sessionId } = await fetchFrom(0, { sessionId: 0, sessionEpoch: 0 })
  assert.equal((await fetchFrom(0, { sessionId, sessionEpoch: 9 })).errorCode, 71)
})

test('row 32: a Fetch that would wait for ever is forgotten with its connection', async () => {
  const waiting = await RawConnection.open(rivven.port)
  waiting
    .call(Fetch, 11, {
      replicaId: -1,
      maxWaitMs: 0x7fffffff,
      minBytes: 0x7fffffff,
      topics: [{ topic: 'there', partitions: [{ partition: 1, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
    })
    .catch(() => undefined)
  await call(Metadata, 1, { topics: null })
  waiting.destroy()
  assert.equal((await fetchFrom(0)).errorCode, 0)
})

for (const [what, fields, code] of badTopics) {
  test(`row 37: CreateTopics with ${what} is answered ${code}`, async () => {
    const topic = { name: 'row-37', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...fields }
    // A request over 10,000 partitions fails as a whole, which the topic's own entry says.
    assert.equal((await call(CreateTopics, 5, { topics: [topic], timeoutMs: 5000 })).topics[0]!.errorCode, code)
  })
}

test('row 37: a name given twice is an invalid request; validateOnly makes nothing', async () => {
  const topic = { name: 'row-37-twice', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  assert.equal((await call(CreateTopics, 5, { topics: [topic, topic], timeoutMs: 5000 })).topics[0]!.errorCode, 42)
  assert.equal(
    (await call(CreateTopics, 5, { topics: [topic], timeoutMs: 5000, validateOnly: true })).topics[0]!.errorCode,
    0,
  )
  const { topics } = await call(Metadata, 4, { topics: [{ name: 'row-37-twice' }], allowAutoTopicCreation: false })
  assert.equal(topics[0]!.errorCode, 3)
})

test('row 38: CreatePartitions to fewer, as many, or of an unknown topic; DeleteRecords past the end', async () => {
  const grow = async (name: string, count: number) =>
    (await call(CreatePartitions, 1, { topics: [{ name, count, assignments: null }], timeoutMs: 5000 })).results[0]!
      .errorCode
  assert.deepEqual([await grow('there', 1), await grow('there', 2), await grow('not-there', 5)], [37, 37, 3])
  const { topics } = await call(DeleteRecords, 1, {
    topics: [{ name: 'there', partitions: [{ partitionIndex: 1, offset: 999 }] }],
    timeoutMs: 5000,
  })
  assert.equal(topics[0]!.partitions[0]!.errorCode, 1)
})

for (const [what, name, value] of [
  ['a value of 1 MB', 'retention.ms', '1'.repeat(30_000)],
  ['NUL', 'retention.ms', '1\0'],
  ['an unknown key', 'no.such.key', '1'],
] as const) {
  test(`row 39: AlterConfigs with ${what} is refused`, async () => {
    const { responses } = await call(AlterConfigs, 1, {
      resources: [{ resourceType: 2, resourceName: 'there', configs: [{ name, value }] }],
      validateOnly: false,
    })
    assert.ok([40, 42].includes(responses[0]!.errorCode))
  })
}

test('row 39: secrets of the broker are never shown', async () => {
  const { results } = await call(DescribeConfigs, 2, {
    resources: [{ resourceType: 4, resourceName: '1', configurationKeys: null }],
  })
  for (const config of results[0]?.configs ?? []) if (config.isSensitive) assert.equal(config.value, null)
})

/** A producer with an open transaction in `there` 0. */
async function openTransaction(transactionalId: string): Promise<{ producerId: number; producerEpoch: number }> {
  const asked = { transactionalId, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
  const { producerId, producerEpoch } = await call(InitProducerId, 4, asked)
  await call(AddPartitionsToTxn, 3, {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: [{ name: 'there', partitions: [0] }],
  })
  return { producerId, producerEpoch }
}

const produceIn = (transactionalId: string, records: Buffer) =>
  call(Produce, 9, {
    transactionalId,
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: 'there', partitionData: [{ index: 0, records }] }],
  })
const endOf = async (transactionalId: string, producer: { producerId: number; producerEpoch: number }, version = 3) =>
  (await call(EndTxn, version, { transactionalId, ...producer, committed: true })).errorCode

test('row 30: gaps, repeats, old epochs and batches outside of a transaction', async () => {
  const { producerId } = await call(InitProducerId, 4, { transactionalId: null, transactionTimeoutMs: 60_000 })
  const sent = (baseSequence: number, producerEpoch = 1) =>
    produce(smallBatch({ producerId, producerEpoch, baseSequence }))
  const first = await sent(0)
  assert.equal(codeOf(await sent(2)), 45)
  const repeated = await sent(0)
  assert.equal(codeOf(repeated), 0)
  const offsetOf = (response: typeof first) => response.responses[0]!.partitionResponses[0]!.baseOffset
  assert.equal(offsetOf(repeated), offsetOf(first))
  assert.equal(codeOf(await sent(1, 0)), 47)
  const asked = { transactionalId: 'row-30', transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
  const { errorCode: _, throttleTimeMs: __, ...producer } = await call(InitProducerId, 4, asked)
  const outside = smallBatch({ ...producer, baseSequence: 0, isTransactional: true })
  assert.equal(codeOf(await produceIn('row-30', outside)), 48)
})

for (const [what, fields, code] of [
  ['an empty id', { transactionalId: '' }, 42],
  ['a timeout of 0', { transactionTimeoutMs: 0 }, 50],
  ['a timeout beyond the longest', { transactionTimeoutMs: 900_001 }, 50],
  ['producer id 0 and epoch 0 the first time', { producerId: 0, producerEpoch: 0 }, 0],
] as const) {
  test(`row 33: InitProducerId with ${what} is answered ${code}`, async () => {
    const asked = { transactionalId: 'row-33', transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
    assert.equal((await call(InitProducerId, 4, { ...asked, ...fields })).errorCode, code)
  })
}

test('row 34: EndTxn of another producer, of an older epoch, and of nothing', async () => {
  await openTransaction('row-34')
  const retry = async (): Promise<{ producerId: number; producerEpoch: number }> => {
    const asked = { transactionalId: 'row-34', transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
    const { errorCode, producerId, producerEpoch } = await call(InitProducerId, 4, asked)
    return errorCode === 51 ? retry() : { producerId, producerEpoch }
  }
  const producer = await retry()
  const { producerId, producerEpoch } = producer
  assert.equal(await endOf('row-34', { producerId: producerId + 1_000_000, producerEpoch }), 49)
  assert.equal(await endOf('row-34', { producerId, producerEpoch: producerEpoch - 1 }), 90)
  assert.equal(await endOf('row-34', producer), 48)
})

test('row 35: TxnOffsetCommit of a stale generation, an unknown member, a fenced instance', async () => {
  const producer = await openTransaction('row-35')
  const member = await stableGroup('row-35', 'here')
  const codeWith = async (fields: { generationId?: number; memberId?: string; groupInstanceId?: string | null }) => {
    const { topics } = await call(TxnOffsetCommit, 5, {
      ...{ transactionalId: 'row-35', groupId: 'row-35', ...producer, ...member, groupInstanceId: 'here', ...fields },
      topics: [{ name: 'there', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }] }],
    })
    return topics[0]!.partitions[0]!.errorCode
  }
  assert.equal(await codeWith({}), 0)
  assert.equal(await codeWith({ generationId: member.generationId - 1 }), 22)
  assert.equal(await codeWith({ memberId: 'nobody', groupInstanceId: null }), 25)
  assert.equal(await codeWith({ groupInstanceId: 'nowhere' }), 25)
  assert.equal(await codeWith({ memberId: 'another' }), 82)
  assert.equal(await endOf('row-35', producer), 0)
})
