import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Consumer, Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'
import { clusterUnderTest, pollUntil, read } from './cluster-under-test.js'

/** Far above what closing may take: whoever waits for itself does so until then. */
const limit = { timeout: 60_000 }
const timeoutMs = 600_000

test('onPartitionsRevoked may close its consumer while that is closed already', limit, async () => {
  await using cluster = await clusterUnderTest()
  const topic = await cluster.topicWith('closes', 1, 1)
  const groupId = cluster.name('closes')
  const consumer = cluster.consumer({ groupId })
  const calls: string[] = []
  consumer.setRebalanceListener({
    onPartitionsRevoked: async () => {
      calls.push('revoked')
      await consumer.close({ timeoutMs })
      calls.push('closed')
    },
  })
  await consumer.subscribe([topic])
  await read(consumer, 1)
  await Promise.all([consumer.close({ timeoutMs }), consumer.close({ timeoutMs })])
  assert.deepEqual(calls, ['revoked', 'closed'])
  const [group] = await cluster.admin.describeGroups([groupId])
  assert.equal(group!.members.length, 0)
})

for (const name of ['onPartitionsAssigned', 'onPartitionsRevoked'] as const) {
  test(`a consumer that ${name} closes within poll leaves its group`, limit, async () => {
    await using cluster = await clusterUnderTest()
    const topic = await cluster.topicWith('within', 2, 1)
    const groupId = cluster.name('within')
    const first = cluster.consumer({ groupId })
    let isClosing = false
    first.setRebalanceListener({
      [name]: async () => {
        isClosing = true
        await first.close({ timeoutMs })
      },
    })
    await first.subscribe([topic])
    await pollUntil([first], () => isClosing || first.assignment().length === 2)
    const second = cluster.consumer({ groupId })
    await second.subscribe([topic])
    const polling = (async () => {
      while (!isClosing) await first.poll(50)
    })()
    await pollUntil([second], () => isClosing && second.assignment().length === 2)
    await polling
    await first.close({ timeoutMs })
    const [group] = await cluster.admin.describeGroups([groupId])
    assert.equal(group!.members.length, 1)
  })
}

test('what is only said in parting is not said for long where nobody listens any more', limit, async () => {
  const rivven = await startRivven()
  const { bootstrapServers } = rivven
  const patient = { bootstrapServers, unreachableTimeoutMs: 600_000, logger: { warn: () => undefined } }
  const consumer = new Consumer({
    ...patient,
    groupId: 'parting',
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
  })
  await consumer.subscribe('parting')
  const producer = new Producer({ ...patient, transactionalId: 'parting', maxBlockMs: 600_000 })
  const transaction = await producer.beginTransaction()
  await transaction.send({ topic: 'parting', value: 'x' })
  await read(consumer, 1)
  await rivven.close()
  await consumer.close({ timeoutMs })
  await producer.close({ timeoutMs })
})

test('onPartitionsRevoked can commit while its consumer is closed', limit, async () => {
  await using cluster = await clusterUnderTest()
  const topic = await cluster.topicWith('commits', 1, 3)
  const groupId = cluster.name('commits')
  const consumer = cluster.consumer({ groupId, enableAutoCommit: false })
  consumer.setRebalanceListener({ onPartitionsRevoked: () => consumer.commit() })
  await consumer.subscribe([topic])
  await read(consumer, 3)
  await consumer.close()
  const [committed] = await cluster.admin.listGroupOffsets(groupId)
  assert.equal(committed?.offset, 3)
  await assert.rejects(consumer.commit(), { code: 'CLIENT_CLOSED' })
})

test('consumers closed at any moment of their first join leave nobody behind for whom others wait', limit, async () => {
  await using cluster = await clusterUnderTest()
  const topic = await cluster.topicWith('first-join', 2, 1)
  const groupId = cluster.name('first-join')
  const options = { groupId, sessionTimeoutMs: 600_000 }
  const owned = (consumer: Consumer) => consumer.assignment().length
  const stays = cluster.consumer(options)
  await stays.subscribe([topic])
  await pollUntil([stays], () => owned(stays) === 2)
  for (let turns = 0; turns < 40; turns += 2) {
    const consumer = cluster.consumer(options)
    await consumer.subscribe([topic])
    const polling = consumer.poll(60_000)
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    await consumer.close({ timeoutMs })
    await polling
  }
  const last = cluster.consumer(options)
  await last.subscribe([topic])
  await pollUntil([stays, last], () => owned(stays) === 1 && owned(last) === 1)
})
