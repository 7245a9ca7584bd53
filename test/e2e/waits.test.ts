import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cluster } from '@rivven/client'
import { encodeAssignment, encodeSubscription } from '@rivven/groups'
import { JoinGroup, SyncGroup } from '@rivven/protocol'
import { eventually } from '../support/eventually.js'
import { clusterUnderTest } from './cluster-under-test.js'
import { rivvenctl } from './rivvenctl.js'

/** A member that has a partition, and is not heard of again. */
async function ghost(bootstrapServers: string, groupId: string, topic: string): Promise<void> {
  const cluster = new Cluster({ bootstrapServers, clientId: 'order-1' })
  const coordinator = await cluster.coordinator(groupId, 'group')
  const subscription = { topics: [topic], userData: null, ownedPartitions: [], generationId: -1, rackId: null }
  const request = {
    groupId,
    sessionTimeoutMs: 120_000,
    rebalanceTimeoutMs: 240_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: encodeSubscription(subscription) }],
  }
  const { memberId } = await cluster.send(coordinator, JoinGroup, { ...request, memberId: '' })
  const { generationId } = await cluster.send(coordinator, JoinGroup, { ...request, memberId })
  const assignment = encodeAssignment({ assignedPartitions: [{ topic, partitions: [0] }], userData: null })
  const { errorCode } = await cluster.send(coordinator, SyncGroup, {
    ...{ groupId, generationId, memberId, protocolType: 'consumer', protocolName: 'range' },
    assignments: [{ memberId, assignment }],
  })
  assert.equal(errorCode, 0)
  await cluster.close()
}

test('a consumer that waits for a dead member says for whom, and so does explain', async () => {
  await using place = await clusterUnderTest()
  const topic = await place.topicWith('waits', 1, 1)
  const groupId = place.name('waits')
  await ghost(place.bootstrapServers, groupId, topic)
  const warnings: string[] = []
  const consumer = place.consumer({ groupId, logger: { warn: (text) => void warnings.push(text) } })
  await consumer.subscribe([topic])
  assert.equal(consumer.health().waiting, null)
  const polling = consumer.poll(120_000)
  await eventually(() => assert.equal(warnings.length, 1))
  assert.match(
    warnings[0]!,
    new RegExp(`^Group ${groupId} has been rebalancing for \\d+ s and waits for order-1 \\(order-1-`),
  )
  const { waiting } = consumer.health()
  assert.deepEqual(
    waiting!.members.map(({ clientId }) => clientId),
    ['order-1'],
  )
  if (place.broker) {
    assert.match(
      warnings[0]!,
      /on 127\.0\.0\.1, last heard of \d+ s ago, its connection has ended, until \d\d:\d\d:\d\d UTC\./,
    )
    const explain = async (...options: string[]) =>
      (await rivvenctl(['-b', place.bootstrapServers, 'group', 'explain', groupId, ...options])).out
    const told = (await explain()).replace(/\s+/g, ' ')
    assert.match(told, /is rebalancing now/)
    assert.match(
      told,
      /it waits for 1 member to join again: order-1 \(member id order-1-\S+, on 127\.0\.0\.1\), last heard of [\dmins. ]+ ago, its connection ended [\dmins. ]+ ago, until \d\d:\d\d:\d\dZ\./,
    )
    assert.doesNotMatch(told, /Nothing of this needs you/)
    assert.equal(JSON.parse(await explain('-o', 'json')).waiting.awaited[0].clientId, 'order-1')
  }
  await place.admin.removeMembers(groupId, [{ memberId: waiting!.members[0]!.memberId }])
  assert.equal((await polling).length, 1)
  assert.equal(consumer.health().waiting, null)
})

test('a member that was killed while nobody joins is seen by explain and describe at once', async () => {
  await using place = await clusterUnderTest()
  if (!place.broker) return
  const topic = await place.topicWith('lost', 1, 1)
  const groupId = place.name('lost')
  await ghost(place.bootstrapServers, groupId, topic)
  const ask = async (...words: string[]) =>
    (await rivvenctl(['-b', place.bootstrapServers, 'group', ...words])).out.replace(/\s+/g, ' ')
  const lost =
    /1 member has no connection any more and did not leave: order-1 \(member id order-1-\S+, on 127\.0\.0\.1\), last heard of/
  await eventually(async () => assert.match(await ask('explain', groupId), lost))
  assert.match(await ask('explain', groupId), /is stable: 1 member read/)
  assert.match(await ask('describe', groupId), lost)
  const wait = JSON.parse(await ask('explain', groupId, '-o', 'json')).waiting
  assert.deepEqual(
    [wait.phase, wait.awaited[0].clientId, wait.awaited[0].disconnectedAt > 0],
    ['session', 'order-1', true],
  )
})

test('a group that gathers its first members is explained as that', async () => {
  await using place = await clusterUnderTest({ group_initial_rebalance_delay_ms: 60_000 })
  if (!place.broker) return
  const topic = await place.topicWith('gathers', 2, 1)
  const groupId = place.name('gathers')
  const consumers = [place.consumer({ groupId }), place.consumer({ groupId })]
  for (const consumer of consumers) await consumer.subscribe([topic])
  const polls = consumers.map((consumer) => consumer.poll(120_000))
  await eventually(async () => {
    const { out } = await rivvenctl(['-b', place.bootstrapServers, 'group', 'explain', groupId])
    assert.match(out, /^Group \S+ is beginning, with 2 members so far\.\nIt was empty, /)
  })
  await Promise.all(consumers.map((consumer) => consumer.close()))
  await Promise.allSettled(polls)
})
