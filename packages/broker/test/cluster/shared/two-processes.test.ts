import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JoinError } from '../../../src/cluster/join-error.js'
import { TestCluster } from './test-cluster.js'

test('a second process with the id of a live one is refused after a lease, with its address', async () => {
  const test = await TestCluster.of(2)
  const second = await test.open(2)
  const before = test.clock.monotonic()
  await assert.rejects(
    test.passing(test.startOf(second).done),
    new JoinError('Another broker at here:9001 is in the cluster as node 2: give this one another node_id.'),
  )
  assert.ok(test.clock.monotonic() - before >= 3_000)
  assert.ok(test.broker(1).cluster.image.brokers.get(2)?.incarnation === 1)
})

test('where the first one hangs the second one takes over; the first one serves no more and goes on trying', async () => {
  const test = await TestCluster.of(2)
  await test.passing(test.broker(1).cluster.catalog.createTopic('orders', 4))
  const first = test.broker(2)
  first.life.pause()
  await test.pass(3_100)
  const second = await test.join(2)
  await test.pass(1_000)
  first.life.resume()
  await test.pass(20_000)
  assert.equal(first.cluster.isServing, false)
  assert.equal(first.led.partitions.size, 0)
  assert.equal(second.led.partitions.size, 2)
})

test('a broker that is given no id takes the lowest free one', async () => {
  const test = await TestCluster.of(1)
  const { cluster } = await test.join(undefined)
  await test.join(3)
  assert.equal(cluster.brokerId, 2)
  await test.passing(cluster.leave())
  assert.equal((await test.join(undefined)).cluster.brokerId, 2)
})

test('a start without the database ends after a minute, with a sentence', async () => {
  const test = await TestCluster.of(1)
  const broker = await test.open(2)
  broker.life.cut = 'calls'
  await assert.rejects(
    test.passing(test.startOf(broker).done),
    new JoinError('The database did not answer within 60000 ms.'),
  )
})
