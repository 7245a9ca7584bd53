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
  // The machine may be busy.
  for (const words of ['doctor', 'doctor readers'])
    assert.match(await cli(`${words} --ignore broker-loop,disk`), /^Nothing found in 1 group\.\n/)
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

test('cluster describe shows who leads how much; drain takes a broker out of service, and undrain back in', async () => {
  await using cluster = await startRivvenCluster({ http: true })
  const cli = cliOf(cluster.brokers[0]!.bootstrapServers)
  await cli('topic create orders --partitions 6')
  await cli('group reset-offsets g --topic orders --to-earliest --create --yes')
  const lines = (await cli('cluster describe')).trim().split('\n')
  assert.match(lines[0]!, /^Cluster: \S{22}$/)
  assert.match(lines[1]!, /^BROKER +ADDRESS +RACK +STATE +LEASE +PARTITIONS +COORDINATES +VERSION$/)
  for (const [at, { id, bootstrapServers }] of cluster.brokers.entries())
    assert.match(lines[2 + at]!, new RegExp(`^${id} +${bootstrapServers} +- +serving +\\d+ ms +2 +1[67] +\\d`))
  const drained = await rivvenctl(['-b', cluster.bootstrapServers, 'cluster', 'drain', '3', '--wait'])
  assert.equal(drained.status, 0, drained.words)
  assert.match(drained.words, /hands over \d+ partitions.*\nBroker 3 leads nothing/)
  const described = JSON.parse(await cli('cluster describe -o json')) as { brokers: Record<string, unknown>[] }
  const [, , third] = described.brokers
  assert.deepEqual([third?.state, third?.partitions, third?.coordinates], ['draining', 0, 0])
  const leaders = JSON.parse(await cli('cluster describe --leaders -o json')) as { leader: number }[]
  assert.ok(leaders.every(({ leader }) => leader === 1 || leader === 2))
  const moves = JSON.parse(await cli('cluster describe --moves -o json')) as Record<string, unknown>[]
  assert.ok(moves.length >= 18)
  for (const { at, from, why, pause } of moves) {
    assert.ok(Date.parse(String(at)) > 0)
    assert.deepEqual([from, why], [3, 'drain'])
    assert.match(String(pause), /^\d+ ms$/)
  }
  const metrics = await (await fetch(`${cluster.brokers[2]!.url}/metrics`)).text()
  assert.match(metrics, /^rivven_leader_move_seconds_count\{step="hand_over"\} (1[8-9]|2\d)$/m)
  assert.match(metrics, /^rivven_leader_move_seconds_count\{step="open"\} (1[8-9]|2\d)$/m)
  assert.match(metrics, /^rivven_storage_append_seconds_count\{\} \d+$/m)
  assert.match(metrics, /^rivven_storage_queue_bytes 0$/m)
  assert.match(metrics, /^rivven_storage_unavailable_seconds_total 0$/m)
  assert.match(metrics, /^# TYPE rivven_storage_chunk_oldest_seconds gauge$/m)
  assert.match(metrics, /^rivven_partitions_without_leader 0$/m)
  await cli('cluster undrain 3')
  const places = [0, 1, 2, 3, 4, 5]
  await eventually(() => assert.ok(places.some((partition) => cluster.leaderOf('orders', partition) === 3)))
  await eventually(async () => {
    const pages = await Promise.all(cluster.brokers.map(({ url }) => fetch(`${url}/health/ready`)))
    assert.deepEqual(
      pages.map(({ status }) => status),
      [200, 200, 200],
    )
  })
  const unknown = await rivvenctl(['-b', cluster.bootstrapServers, 'cluster', 'drain', '9'])
  assert.equal(unknown.status, 4)
  assert.match(unknown.words, /There is no broker 9 here/)
})
