import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Consumer, ConsumerRecord } from '@rivven/client'
import { eventually } from '../support/eventually.js'
import { PuppetMember } from '../support/puppet-member.js'
import { clusterUnderTest } from './cluster-under-test.js'

/** A cooperative consumer that has both partitions of a topic, in a group that another member leads. */
async function keptThroughRebalances() {
  const place = await clusterUnderTest()
  const topic = await place.topicWith('kept', 2, 1)
  const groupId = place.name('kept')
  const puppet = () =>
    new PuppetMember({ bootstrapServers: place.bootstrapServers, groupId, topic, protocol: 'cooperative-sticky' })
  const leader = puppet()
  const late = puppet()
  await leader.join()
  await leader.assign({ [leader.memberId]: [] })
  const consumer = place.consumer({
    groupId,
    partitionAssignmentStrategy: 'cooperative_sticky',
    enableAutoCommit: false,
    sessionTimeoutMs: 60_000,
  })
  await consumer.subscribe([topic])
  const records = consumer[Symbol.asyncIterator]()
  /** Other than next(), which waits for a record; null where the iteration has ended. */
  const next = async () => (await records.next()).value as ConsumerRecord
  const first = next()
  await eventually(async () => {
    const [group] = await place.admin.describeGroups([groupId])
    assert.equal(group!.state, 'PreparingRebalance')
  })
  await leader.join()
  const consumerId = leader.members.find((id) => id !== leader.memberId)!
  await leader.assign({ [consumerId]: [0, 1] })
  const read = [await first, await next()]
  const committed = async () => {
    const found = await place.admin.listGroupOffsets(groupId)
    return found.map(({ partition, offset }) => `${partition}:${offset}`).sort()
  }
  const dispose = async () => {
    await Promise.all([leader.close(), late.close()])
    await place[Symbol.asyncDispose]()
  }
  const write = (partition: number) => place.producer.send({ topic, partition, value: 'more' })
  return { topic, consumer, consumerId, leader, late, next, read, write, committed, [Symbol.asyncDispose]: dispose }
}

function stands(consumer: Consumer, state: string): Promise<void> {
  return eventually(() => assert.equal(consumer.state, state))
}

test('a loop that commits each record goes on through a cooperative rebalance, whatever step that stands at', async () => {
  await using scene = await keptThroughRebalances()
  const { topic, consumer, consumerId, leader, late, next, read, write, committed } = scene
  await consumer.commit(read)
  // Joining: the leader has not come yet.
  const second = next()
  const lateJoins = late.join()
  await stands(consumer, 'joining')
  await write(0)
  await consumer.commit(await second)
  assert.deepEqual(await committed(), ['0:2', '1:1'])
  assert.equal(consumer.state, 'joining')
  // Syncing: all have joined, and the leader has not assigned yet.
  const third = next()
  await write(1)
  const record = await third
  await Promise.all([lateJoins, leader.join()])
  await stands(consumer, 'syncing')
  const committing = consumer.commit(record)
  const isOver = committing.then(() => 'committed')
  assert.equal(await Promise.race([isOver, committed().then(() => 'waiting')]), 'waiting')
  await leader.assign({ [consumerId]: [0] })
  await committing
  // Nobody polled: the commit went in the new generation, and also for what is about to be given up.
  assert.equal(consumer.state, 'assigned')
  assert.deepEqual(await committed(), ['0:2', '1:2'])
  await consumer.poll(0)
  assert.deepEqual(consumer.assignment(), [{ topic, partition: 0 }])
})

test('what was taken away is named by its commit, and what stayed is committed with it', async () => {
  await using scene = await keptThroughRebalances()
  const { topic, consumer, consumerId, leader, late, next, read, write, committed } = scene
  const second = next()
  const lateJoins = late.join()
  await stands(consumer, 'joining')
  await write(0)
  await second
  await Promise.all([lateJoins, leader.join()])
  await leader.assign({ [consumerId]: [0] })
  await stands(consumer, 'assigned')
  await consumer.poll(0)
  await assert.rejects(consumer.commit(read), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'COMMIT_FAILED')
    assert.match(error.message, new RegExp(`^${topic}/1 cannot be committed: this member does not own them`))
    return true
  })
  assert.deepEqual(await committed(), ['0:1'])
})
