import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Consumer, ConsumerOptions, TopicPartition } from '@rivven/client'
import { clusterUnderTest, pollUntil } from './cluster-under-test.js'

type Cluster = Awaited<ReturnType<typeof clusterUnderTest>>

/** Who owns what, as the listeners say: complains at once when a partition has two owners. */
class Owners {
  readonly #owners = new Map<number, string>()
  readonly conflicts: string[] = []

  watch(name: string, consumer: Consumer): Consumer {
    consumer.setRebalanceListener({
      onPartitionsAssigned: (partitions) => this.#took(name, partitions),
      onPartitionsRevoked: (partitions) => this.#gave(name, partitions),
      onPartitionsLost: (partitions) => this.#gave(name, partitions),
    })
    return consumer
  }

  #took(name: string, partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) {
      const other = this.#owners.get(partition)
      if (other !== undefined && other !== name) this.conflicts.push(`P${partition}: ${other} and ${name}`)
      this.#owners.set(partition, name)
    }
  }

  #gave(name: string, partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) if (this.#owners.get(partition) === name) this.#owners.delete(partition)
  }
}

const owned = (consumer: Consumer) =>
  consumer
    .assignment()
    .map(({ partition }) => `P${partition}`)
    .join(',')

const table = (consumers: readonly Consumer[]) => consumers.map(owned).sort().join(' | ')

/** The group is at rest: each member is stable in the same generation, and all partitions have an owner. */
function isSettled(consumers: readonly Consumer[], count: number): boolean {
  const generations = new Set(consumers.map(({ generationId }) => generationId))
  const isStable = consumers.every(({ state }) => state === 'stable')
  const sum = consumers.reduce((all, consumer) => all + consumer.assignment().length, 0)
  return isStable && generations.size === 1 && sum === count
}

/** Members that came one after the other, each when the group was at rest. */
async function membersOneByOne(cluster: Cluster, topic: string, options: readonly Partial<ConsumerOptions>[]) {
  const consumers: Consumer[] = []
  for (const one of options) {
    const consumer = cluster.consumer(one)
    await consumer.subscribe([topic])
    consumers.push(consumer)
    await pollUntil(consumers, () => isSettled(consumers, 6))
  }
  return consumers
}

for (const [strategy, expected] of [
  ['range', 'P0,P1 | P2,P3 | P4,P5'],
  ['round_robin', 'P0,P3 | P1,P4 | P2,P5'],
] as const) {
  test(`${strategy} shares six partitions among three members as ${expected}`, async () => {
    await using cluster = await clusterUnderTest()
    const topic = await cluster.topicWith(strategy, 6, 0)
    const options = { groupId: cluster.name(strategy), partitionAssignmentStrategy: strategy }
    assert.equal(table(await membersOneByOne(cluster, topic, [options, options, options])), expected)
  })
}

for (const strategy of ['sticky', 'cooperative_sticky'] as const) {
  test(`a third ${strategy} member takes one partition from each of the two others`, async () => {
    await using cluster = await clusterUnderTest()
    const topic = await cluster.topicWith(strategy, 6, 0)
    const options = { groupId: cluster.name(strategy), partitionAssignmentStrategy: strategy }
    // The first two come at once, so that sticky begins without history.
    const pair = [cluster.consumer(options), cluster.consumer(options)]
    for (const consumer of pair) await consumer.subscribe([topic])
    await pollUntil(pair, () => isSettled(pair, 6) && pair.every((consumer) => consumer.assignment().length === 3))
    const before = pair.map((consumer) => owned(consumer).split(','))
    const third = cluster.consumer(options)
    await third.subscribe([topic])
    await pollUntil([...pair, third], () => isSettled([...pair, third], 6) && third.assignment().length === 2)
    pair.forEach((consumer, at) => {
      assert.deepEqual(owned(consumer).split(','), before[at]!.slice(0, 2))
    })
    assert.deepEqual(owned(third).split(','), before.map((ones) => ones[2]!).sort())
  })
}

test('an eager member makes a cooperative group eager, and no partition ever has two owners', async () => {
  await using cluster = await clusterUnderTest()
  const topic = await cluster.topicWith('mixed', 6, 3)
  const groupId = cluster.name('mixed')
  const owners = new Owners()
  const cooperative = [1, 2].map((n) =>
    owners.watch(`cooperative ${n}`, cluster.consumer({ groupId, rebalanceProtocol: 'cooperative' })),
  )
  for (const consumer of cooperative) await consumer.subscribe([topic])
  await pollUntil(cooperative, () => isSettled(cooperative, 6))
  const eager = owners.watch('eager', cluster.consumer({ groupId, partitionAssignmentStrategy: 'range' }))
  await eager.subscribe([topic])
  const all = [...cooperative, eager]
  await pollUntil(all, () => isSettled(all, 6) && all.every((consumer) => consumer.assignment().length === 2))
  assert.equal(table(all), 'P0,P1 | P2,P3 | P4,P5')
  assert.deepEqual(owners.conflicts, [])
})

test('a group goes from range to cooperative_sticky member by member', async () => {
  await using cluster = await clusterUnderTest()
  const topic = await cluster.topicWith('upgrade', 6, 3)
  const groupId = cluster.name('upgrade')
  const owners = new Owners()
  const start = async (name: string, partitionAssignmentStrategy: 'range' | 'cooperative_sticky') => {
    const consumer = owners.watch(name, cluster.consumer({ groupId, partitionAssignmentStrategy }))
    await consumer.subscribe([topic])
    return consumer
  }
  const members = [await start('old 1', 'range'), await start('old 2', 'range'), await start('old 3', 'range')]
  const isShared = () => isSettled(members, 6) && members.every((consumer) => consumer.assignment().length === 2)
  await pollUntil(members, isShared)
  for (const at of [0, 1, 2]) {
    await members[at]!.close()
    members[at] = await start(`new ${at + 1}`, 'cooperative_sticky')
    await pollUntil(members, isShared)
  }
  const revoked: number[] = []
  members[0]!.setRebalanceListener({ onPartitionsRevoked: (partitions) => revoked.push(partitions.length) })
  const fourth = cluster.consumer({ groupId, rebalanceProtocol: 'cooperative' })
  await fourth.subscribe([topic])
  const four = [...members, fourth]
  await pollUntil(four, () => isSettled(four, 6) && fourth.assignment().length > 0)
  assert.ok(
    revoked.every((count) => count < 2),
    `cooperative by now, but revoked ${revoked}`,
  )
  assert.deepEqual(owners.conflicts, [])
})
