import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Admin, Consumer, type ConsumerOptions } from '@rivven/client'
import type { RebalanceStory } from '@rivven/groups'
import { type Rivven, startRivven } from '@rivven/testing'
import { eventually } from '../support/eventually.js'
import { pollUntil } from './cluster-under-test.js'
import { rivvenctl } from './rivvenctl.js'

const groupId = 'watched'

/** A broker on files with a topic of 6 partitions, and consumers of one group. */
async function watchedGroup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'rivven-timeline-'))
  const rivven = await startRivven({ dataDir, config: { group_min_session_timeout_ms: 1_000 } })
  const { bootstrapServers } = rivven
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: 'orders', partitions: 6, replicationFactor: 1 }])
  const consumers: Consumer[] = []
  return {
    rivven,
    admin,
    async consumer(clientId: string, options: Partial<ConsumerOptions> = {}): Promise<Consumer> {
      const quick = { heartbeatIntervalMs: 100, sessionTimeoutMs: 30_000, fetchMaxWaitMs: 100 }
      const consumer = new Consumer({ bootstrapServers, groupId, clientId, ...quick, ...options })
      consumers.push(consumer)
      await consumer.subscribe(['orders'])
      return consumer
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(consumers.map((consumer) => consumer.close()))
      await admin.close()
      await rivven.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const owns = (consumer: Consumer, count: number) => consumer.assignment().length === count

/** The stories that rivvenctl prints: read over the wire, as a user reads them. */
async function printed(rivven: Rivven): Promise<RebalanceStory[]> {
  const ran = await rivvenctl(['-b', rivven.bootstrapServers, 'group', 'timeline', groupId, '-o', 'json'])
  assert.equal(ran.status, 0, ran.words)
  return JSON.parse(ran.out)
}

const settledStories = (stories: readonly RebalanceStory[]) => stories.filter(({ outcome }) => outcome === 'stable')
const lastOf = (stories: readonly RebalanceStory[]) => {
  const story = stories.at(-1)
  assert.ok(story, 'there is a story')
  return story
}

test('who joined, who left and what moved is told, and still known after a restart', async () => {
  await using group = await watchedGroup()
  const { rivven } = group
  const first = await group.consumer('first')
  await pollUntil([first], () => owns(first, 6))
  const second = await group.consumer('second')
  await pollUntil([first, second], () => owns(first, 3) && owns(second, 3))
  await second.close()
  await pollUntil([first], () => owns(first, 6))

  await eventually(async () => assert.equal(settledStories(await printed(rivven)).length, 3))
  const [begin, join, leave] = settledStories(await printed(rivven))
  assert.deepEqual(
    [begin!.cause, begin!.culprit?.clientId, begin!.membersBefore, begin!.membersAfter, begin!.partitions?.assigned],
    ['first member', 'first', 0, 1, 6],
  )
  assert.deepEqual(
    [join!.cause, join!.culprit?.clientId, join!.joinedCount, join!.partitions?.moved, join!.partitions?.kept],
    ['member joined', 'second', 1, 3, 3],
  )
  assert.deepEqual([join!.protocol.elected, join!.culprit?.clientHost], ['range', '/127.0.0.1'])
  assert.deepEqual(
    [leave!.cause, leave!.culprit?.clientId, leave!.leftCount, leave!.partitions?.moved, leave!.partitions?.kept],
    ['member left', 'second', 1, 3, 3],
  )
  assert.match(leave!.reason ?? '', /clos/)

  const before = await printed(rivven)
  await rivven.restart('kill')
  assert.deepEqual((await printed(rivven)).slice(0, before.length), before)
})

test('a member that hangs costs a session timeout and is named; one whose place is kept costs nothing', async () => {
  await using group = await watchedGroup()
  const { rivven } = group
  const stays = await group.consumer('stays', { groupInstanceId: 'one' })
  const returns = await group.consumer('returns', { groupInstanceId: 'two' })
  await pollUntil([stays, returns], () => owns(stays, 3) && owns(returns, 3))
  await returns.close()
  await eventually(async () => assert.equal(lastOf(settledStories(await printed(rivven))).membersAfter, 2))
  const told = (await printed(rivven)).length
  const again = await group.consumer('returns', { groupInstanceId: 'two', sessionTimeoutMs: 3_000 })
  await pollUntil([stays, again], () => owns(again, 3))
  assert.equal((await printed(rivven)).length, told, 'a bounce of a static member is no rebalance')

  await again.close()
  await pollUntil([stays], () => owns(stays, 6))
  await eventually(async () => {
    const story = lastOf(await printed(rivven))
    assert.deepEqual([story.cause, story.culprit?.groupInstanceId], ['session expired', 'two'])
    assert.deepEqual([story.partitions?.moved, story.partitions?.kept], [3, 3])
  })

  await group.admin.removeMembers(groupId, [{ groupInstanceId: 'one' }])
  await eventually(async () => {
    const causes = (await printed(rivven)).map(({ cause }) => cause)
    assert.ok(causes.includes('admin'), causes.join())
  })
})
