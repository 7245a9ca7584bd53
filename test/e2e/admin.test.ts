import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Producer, SeveralFailedError } from '@rivven/client'
import { startRivven } from '@rivven/testing'

async function scene() {
  const rivven = await startRivven()
  const { bootstrapServers } = rivven
  const admin = new Admin({ bootstrapServers })
  const end = async () => {
    await admin.close()
    await rivven[Symbol.asyncDispose]()
  }
  return { admin, bootstrapServers, [Symbol.asyncDispose]: end }
}

/** Records with values 0, 1, 2, … in partition 0. */
async function produce(bootstrapServers: string, topic: string, count: number): Promise<void> {
  const producer = new Producer({ bootstrapServers })
  await producer.sendMany(
    Array.from({ length: count }, (_, index) => ({
      topic,
      partition: 0,
      value: String(index),
      timestamp: 1_000_000 + index,
    })),
  )
  await producer.close()
}

test('topics are created, described, grown and deleted', async () => {
  await using s = await scene()
  const [created] = await s.admin.createTopics([
    { name: 'orders', partitions: 3, configs: { 'retention.ms': '100000' } },
  ])
  assert.equal(created!.partitions, 3)
  const [described] = await s.admin.describeTopics(['orders'])
  assert.equal(described!.id, created!.id)
  assert.deepEqual(
    described!.partitions.map(({ partition }) => partition),
    [0, 1, 2],
  )
  await s.admin.createPartitions([{ topic: 'orders', count: 5 }])
  assert.equal((await s.admin.describeTopics(['orders']))[0]!.partitions.length, 5)
  assert.ok((await s.admin.listTopics()).some(({ name }) => name === 'orders'))
  await s.admin.deleteTopics(['orders'])
  await assert.rejects(s.admin.describeTopics(['orders']), { code: 'UNKNOWN_TOPIC_OR_PARTITION' })
})

test('one failure is thrown as it is, several as one error that has them all', async () => {
  await using s = await scene()
  await s.admin.createTopics([{ name: 'there' }])
  await assert.rejects(s.admin.createTopics([{ name: 'there' }, { name: 'new' }]), { code: 'TOPIC_ALREADY_EXISTS' })
  assert.equal((await s.admin.describeTopics(['new'])).length, 1)
  const several = await s.admin.createTopics([{ name: 'there' }, { name: 'bad name' }]).catch((error) => error)
  assert.ok(several instanceof SeveralFailedError)
  assert.deepEqual(several.errors.map(({ code }) => code).sort(), ['INVALID_TOPIC_EXCEPTION', 'TOPIC_ALREADY_EXISTS'])
})

test('a topic that is only validated is not created', async () => {
  await using s = await scene()
  await s.admin.createTopics([{ name: 'imagined' }], { validateOnly: true })
  await assert.rejects(s.admin.describeTopics(['imagined']), { code: 'UNKNOWN_TOPIC_OR_PARTITION' })
})

test('configs of a topic are changed one by one, and their sources are told', async () => {
  await using s = await scene()
  await s.admin.createTopics([{ name: 't', configs: { 'retention.ms': '100000' } }])
  const own = async () => {
    const [described] = await s.admin.describeConfigs([{ type: 'topic', name: 't' }])
    return Object.fromEntries(
      described!.configs.filter(({ source }) => source === 'topic').map(({ name, value }) => [name, value]),
    )
  }
  assert.deepEqual(await own(), { 'retention.ms': '100000' })
  await s.admin.alterConfigs([{ type: 'topic', name: 't', configs: [{ name: 'cleanup.policy', value: 'compact' }] }])
  await s.admin.alterConfigs([{ type: 'topic', name: 't', configs: [{ name: 'retention.ms', value: null }] }])
  assert.deepEqual(await own(), { 'cleanup.policy': 'compact' })
  const nonsense = [{ type: 'topic' as const, name: 't', configs: [{ name: 'nonsense', value: '1' }] }]
  await assert.rejects(s.admin.alterConfigs(nonsense), { code: 'INVALID_CONFIG' })
})

test('offsets are found at the ends and by time, and records are deleted before one', async () => {
  await using s = await scene()
  await s.admin.createTopics([{ name: 't', partitions: 2, configs: { 'retention.ms': '-1' } }])
  await produce(s.bootstrapServers, 't', 100)
  const at = async (timestamp: 'earliest' | 'latest' | number) => {
    const found = await s.admin.listOffsets([0, 1].map((partition) => ({ topic: 't', partition, timestamp })))
    return found.map(({ offset }) => offset)
  }
  assert.deepEqual(await at('latest'), [100, 0])
  assert.deepEqual(await at(1_000_040), [40, -1])
  const deleted = await s.admin.deleteRecords([{ topic: 't', partition: 0, offset: 30 }])
  assert.deepEqual(deleted, [{ topic: 't', partition: 0, lowWatermark: 30 }])
  assert.deepEqual(await at('earliest'), [30, 0])
  const missing = s.admin.listOffsets([{ topic: 't', partition: 2, timestamp: 'latest' }])
  await assert.rejects(missing, { code: 'UNKNOWN_TOPIC_OR_PARTITION' })
})

test('the offsets of a group without members are set, listed and deleted', async () => {
  await using s = await scene()
  await s.admin.createTopics([{ name: 't', partitions: 3 }])
  const [zero, one] = [0, 1].map((partition) => ({ topic: 't', partition }))
  await s.admin.alterGroupOffsets('g', [
    { ...zero!, offset: 5 },
    { ...one!, offset: 7, metadata: 'note' },
  ])
  const listed = await s.admin.listGroupOffsets('g')
  assert.deepEqual(listed.map(({ partition, offset, metadata }) => [partition, offset, metadata]).sort(), [
    [0, 5, ''],
    [1, 7, 'note'],
  ])
  assert.deepEqual(
    (await s.admin.listGroups()).map(({ groupId, state }) => [groupId, state]),
    [['g', 'Empty']],
  )
  await s.admin.deleteGroupOffsets('g', [zero!])
  assert.deepEqual(
    (await s.admin.listGroupOffsets('g')).map(({ partition }) => partition),
    [1],
  )
  await s.admin.deleteGroups(['g'])
  await assert.rejects(s.admin.deleteGroups(['g']), { code: 'GROUP_ID_NOT_FOUND' })
})

test('a group that is not there is described as dead, with its coordinator', async () => {
  await using s = await scene()
  const [group] = await s.admin.describeGroups(['nobody'])
  assert.equal(group!.state, 'Dead')
  assert.deepEqual(group!.members, [])
  assert.ok(group!.coordinator.port > 0)
})

test('the cluster is described', async () => {
  await using s = await scene()
  const { brokers, clusterId, controllerId } = await s.admin.describeCluster()
  assert.equal(brokers.length, 1)
  assert.equal(controllerId, brokers[0]!.id)
  assert.ok(clusterId)
})

test('removing a member that is not there is an error about it', async () => {
  await using s = await scene()
  await s.admin.createTopics([{ name: 't' }])
  await s.admin.alterGroupOffsets('g', [{ topic: 't', partition: 0, offset: 0 }])
  await assert.rejects(s.admin.removeMembers('g', [{ memberId: 'x' }]), { code: 'UNKNOWN_MEMBER_ID' })
})
