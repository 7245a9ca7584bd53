import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Producer } from '@rivven/client'
import { startRivvenCluster } from '@rivven/testing'
import { rivvenctl } from '../e2e/rivvenctl.js'
import { eventually } from '../support/eventually.js'
import { coordinatorOf, hashCode, partitionOf } from './coordinator-of.js'

test("Java's hash is the one that this test computes", () => {
  assert.equal(hashCode(''), 0)
  assert.equal(hashCode('hello'), 99_162_322)
  assert.equal(hashCode('polygenelubricants'), -(2 ** 31))
  assert.equal(partitionOf('polygenelubricants', 50), 0)
})

/** rivvenctl that knows one broker. */
function cliOf(bootstrapServers: string) {
  return async (line: string, lines?: readonly string[]): Promise<string> => {
    const ran = await rivvenctl(['-b', bootstrapServers, ...line.split(' ')], { ...(lines && { lines }) })
    assert.equal(ran.status, 0, ran.words)
    return ran.out
  }
}

test('rivvenctl reaches all three brokers from any of them: topics, records, groups, offsets, transactions', async () => {
  await using cluster = await startRivvenCluster()
  const cli = cliOf(cluster.brokers[2]!.bootstrapServers)
  await cli('topic create orders --partitions 6')
  const values = Array.from({ length: 60 }, (_, value) => `v${value}`)
  await cli('produce orders', values)
  const read = await cli('consume orders --group readers --from-beginning -n 60')
  assert.deepEqual(read.trim().split('\n').sort(), [...values].sort())
  assert.match(await cli('topic describe orders'), /orders/)
  assert.match(await cli('group list'), /readers/)
  const offsets = await cli('group describe readers --offsets -o json')
  const ends = JSON.parse(offsets) as Record<string, unknown>
  assert.match(JSON.stringify(ends), /"lag":0/)
  await cli('group reset-offsets readers --topic orders --to-earliest --yes')
  const again = await cli('consume orders --group readers -n 60')
  assert.equal(again.trim().split('\n').length, 60)

  const { bootstrapServers } = cluster
  const producer = new Producer({ bootstrapServers, transactionalId: 'payments' })
  const transaction = await producer.beginTransaction()
  await transaction.send({ topic: 'orders', value: 'paid' })
  assert.match(await cli('transaction list'), /payments.*Ongoing/)
  await transaction.commit()
  await producer.close()
  await cli('topic delete orders')
  assert.doesNotMatch(await cli('topic list'), /orders/)
})

test('group describe names the broker that leads the partition of the group, also after that has changed', async () => {
  await using cluster = await startRivvenCluster()
  const cli = cliOf(cluster.brokers[0]!.bootstrapServers)
  await cli('topic create orders --partitions 1')
  const groups = ['billing', 'shipping', 'mail', 'audit', 'search', 'stock']
  for (const group of groups) await cli(`group reset-offsets ${group} --topic orders --to-earliest --create --yes`)
  const named = async (group: string) => {
    const [, id, where] =
      /Coordinator:\s+broker-(\d+) \(([^)]*)\)/.exec(await cli(`group describe ${group} --state`)) ?? []
    return { id: Number(id), where }
  }
  const expected = (group: string) => {
    const id = coordinatorOf(cluster, group, 50)!
    return { id, where: cluster.brokers[id - 1]?.bootstrapServers }
  }
  for (const group of groups) assert.deepEqual(await named(group), expected(group))
  assert.ok(new Set(groups.map((group) => expected(group).id)).size > 1)
  const { id } = expected('billing')
  await cluster.kill(id)
  await eventually(() => assert.notEqual(expected('billing').id, id))
  for (const group of groups) assert.deepEqual(await named(group), expected(group))
})
