// Who moves what where brokers lead more than their share, or are drained: three brokers on a clock that moves by hand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestCluster } from './test-cluster.js'

test('a fourth broker gets its share, in small steps, when nobody has come or gone for a while', async () => {
  const test = await TestCluster.serving('orders', 12)
  await test.join(4)
  await test.pass(9_000)
  assert.deepEqual(test.spread('orders'), [4, 4, 4])
  await test.pass(3_000)
  assert.deepEqual(test.spread('orders'), [3, 3, 3, 3])
})

test('of an internal topic each broker gives one partition at a time: a fourth broker has its twelve of 50 in a second or two', async () => {
  const test = await TestCluster.serving('__consumer_offsets', 50)
  await test.join(4)
  const moved = () => test.leaders('__consumer_offsets').filter((id) => id === 4).length
  await test.passUntil(() => moved() > 0)
  assert.ok(moved() <= 3)
  await test.pass(2_000)
  assert.equal(moved(), 12)
})

test('for the sake of balance no group is disturbed that is not calm: others move, and it is asked again', async () => {
  const test = await TestCluster.serving('__consumer_offsets', 24)
  const busy = test.all.map(({ led }) => [...led.partitions.keys()].at(-1)!)
  for (const [at, { led }] of test.all.entries()) led.busy.add(busy[at]!)
  await test.join(4)
  await test.pass(35_000)
  const leaders = test.leaders('__consumer_offsets')
  assert.deepEqual(
    busy.map((key) => leaders[Number(key.split('-')[1])]),
    [1, 2, 3],
  )
  assert.deepEqual(test.spread('__consumer_offsets'), [7, 7, 7, 3])
  for (const { led } of test.all) led.settleGroups()
  await test.pass(5_000)
  assert.deepEqual(test.spread('__consumer_offsets'), [6, 6, 6, 6])
})

test('a broker that is drained gives away all at once, and gets it back when that ends', async () => {
  const test = await TestCluster.serving('orders', 6)
  await test.passing(test.broker(1).cluster.drain(3, true))
  await test.pass(100)
  assert.deepEqual(test.spread('orders'), [3, 3])
  assert.deepEqual(test.broker(3).led.notes.slice(-2), ['hand over orders-2', 'hand over orders-5'])
  await test.passing(test.broker(1).cluster.drain(3, false))
  await test.pass(15_000)
  assert.deepEqual(test.spread('orders'), [2, 2, 2])
})

test('a drain does not wait behind a partition whose groups balance waits for', async () => {
  const test = await TestCluster.serving('__consumer_offsets', 6)
  const { led } = test.broker(3)
  for (const key of led.partitions.keys()) led.busy.add(key)
  await test.join(4)
  // Balance has begun, and waits for the groups: up to 10 s.
  await test.pass(11_000)
  await test.passing(test.broker(1).cluster.drain(3, true))
  await test.pass(2_500)
  assert.deepEqual([...led.partitions.keys()], [])
})

test('whoever is asked for leads at once, and every broker shows the move meanwhile', async () => {
  const test = await TestCluster.of(3, { balances: false })
  await test.passing(test.broker(1).cluster.catalog.createTopic('orders', 6))
  await test.pass(1_000)
  test.broker(1).led.busy.add('orders-0')
  const { cluster } = test.broker(2)
  const wanted = [{ topic: 'orders', partition: 0, to: 3 }]
  assert.deepEqual([...(await test.passing(cluster.askLeaders(wanted)))], wanted)
  await test.pass(50)
  const known = test.all.map((broker) => broker.cluster.moves.map(({ from, to, why }) => `${why}: ${from} to ${to}`))
  assert.deepEqual(known, Array(3).fill(['request: 1 to 3']))
  test.broker(1).led.settleGroups()
  await test.pass(500)
  assert.deepEqual(test.leaders('orders'), [3, 2, 3, 1, 2, 3])
  assert.deepEqual([...test.broker(1).cluster.counts.moves], [['request', 1]])
  assert.deepEqual(cluster.moves, [])
})

test('balance leaves a partition with whoever was asked for, and evens out with others', async () => {
  const test = await TestCluster.serving('orders', 6)
  const { cluster } = test.broker(1)
  await test.passing(cluster.askLeaders([0, 3].map((partition) => ({ topic: 'orders', partition, to: 3 }))))
  await test.pass(30_000)
  const leaders = test.leaders('orders')
  assert.deepEqual([leaders[0], leaders[3]], [3, 3])
  assert.deepEqual(test.spread('orders'), [2, 2, 2])
})

test('a partition comes back to whoever is asked for when that one is back, until nobody is asked for any more', async () => {
  const test = await TestCluster.serving('orders', 3)
  const ask = (to: number | null) => test.broker(1).cluster.askLeaders([{ topic: 'orders', partition: 0, to }])
  await test.passing(ask(2))
  await test.pass(20_000)
  assert.equal(test.leaders('orders')[0], 2)
  test.kill(2)
  await test.pass(1_000)
  assert.ok([1, 3].includes(test.leaders('orders')[0]!))
  await test.join(2)
  await test.pass(1_000)
  assert.equal(test.leaders('orders')[0], 2)
  assert.equal((await test.passing(ask(null))).size, 1)
  assert.equal((await test.passing(ask(null))).size, 0, 'nobody was asked for')
})

test('a move that was asked for waits for groups, and may be taken back meanwhile', async () => {
  const test = await TestCluster.of(3, { balances: false })
  await test.passing(test.broker(1).cluster.catalog.createTopic('__consumer_offsets', 3))
  await test.pass(1_000)
  const { led } = test.broker(1)
  const { cluster } = test.broker(3)
  const ask = (to: number | null) =>
    test.passing(cluster.askLeaders([{ topic: '__consumer_offsets', partition: 0, to }]))
  led.busy.add('__consumer_offsets-0')
  await ask(2)
  await test.pass(12_000)
  assert.equal(test.leaders('__consumer_offsets')[0], 1)
  await ask(null)
  await test.pass(11_000)
  led.settleGroups()
  await test.pass(12_000)
  assert.equal(test.leaders('__consumer_offsets')[0], 1)
})

test('of two brokers that ask for leaders at once both are heard, and what is asked of topics that are gone is forgotten', async () => {
  const test = await TestCluster.serving('orders', 6)
  const [one, other] = [test.broker(1).cluster, test.broker(2).cluster]
  const ask = (partition: number) => [{ topic: 'orders', partition, to: 3 }]
  await test.passing(Promise.all([one.askLeaders(ask(0)), other.askLeaders(ask(1))]))
  await test.pass(100)
  assert.deepEqual([...one.image.asked.values()], [3, 3])
  await test.passing(one.catalog.deleteTopics(['orders']))
  await test.passing(one.catalog.createTopic('payments', 3))
  await test.passing(one.askLeaders([{ topic: 'payments', partition: 0, to: 2 }]))
  assert.deepEqual([...one.image.asked.values()], [2])
})

test('what moves is known to every broker as long as it does', async () => {
  const test = await TestCluster.serving('orders', 12)
  const known = () => test.all.map(({ cluster }) => cluster.moves.map(({ to, why }) => `${why} to ${to}`))
  assert.deepEqual(known(), [[], [], []])
  await test.join(4)
  const balance = Array(3).fill('balance to 4')
  assert.deepEqual(known(), [balance, balance, balance, balance])
  await test.pass(15_000)
  assert.deepEqual(known(), [[], [], [], []])
})

test('where nothing moves for the sake of balance only what is drained is to go', async () => {
  const test = await TestCluster.of(2, { balances: false })
  const { cluster } = test.broker(1)
  await test.passing(cluster.catalog.createTopic('orders', 4))
  const { led } = test.broker(2)
  led.busy.add('orders-1')
  await test.passing(cluster.drain(2, true))
  assert.deepEqual([...new Set(cluster.moves.map(({ why }) => why))], ['drain'])
  await test.pass(5_000)
  await test.passing(cluster.drain(2, false))
  await test.pass(30_000)
  assert.deepEqual([cluster.moves, test.leaders('orders')], [[], [1, 1, 1, 1]])
})
