// Three brokers on the memory database and a clock that moves by hand. At each step of it at most one answers for a partition, and no
// term is ever opened twice (test-cluster, test-led).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EPOCH_JUMP } from '../../../src/database/members.js'
import { TestCluster } from './test-cluster.js'

test('a new topic is spread over the brokers, and answered when what its maker leads is open', async () => {
  const test = await TestCluster.of(3)
  const { cluster, led } = test.broker(2)
  await test.passing(cluster.catalog.createTopic('orders', 6))
  assert.equal(led.partitions.size, 2)
  await test.pass(50)
  assert.deepEqual(test.leaders('orders'), [1, 2, 3, 1, 2, 3])
})

test('all brokers have the same image', async () => {
  const test = await TestCluster.serving('orders', 6)
  const images = test.all.map(({ cluster }) => cluster.image)
  assert.deepEqual(images[1], images[0])
  assert.deepEqual(images[2], images[0])
  assert.deepEqual([...(images[0]?.brokers.keys() ?? [])], [1, 2, 3])
})

test('a broker that is killed is replaced within a tenth of a second: its session has ended, and nobody listens', async () => {
  const test = await TestCluster.serving('orders', 6)
  test.kill(2)
  await test.pass(100)
  assert.deepEqual(test.spread('orders'), [3, 3])
  assert.deepEqual([...test.broker(1).cluster.image.brokers.keys()], [1, 3])
  assert.deepEqual([...test.broker(1).cluster.counts.moves], [['death', 2]])
  const { lastMoves } = test.broker(1).cluster.counts
  assert.deepEqual(
    lastMoves.map(({ topic, partition, from, to, why, pauseMs }) => [`${topic}-${partition}`, from, to, why, pauseMs]),
    [
      ['orders-1', 2, 1, 'death', null],
      ['orders-4', 2, 3, 'death', null],
    ],
  )
})

test('whoever takes over many partitions opens them at once, so that one call of the database finds them all', async () => {
  const test = await TestCluster.serving('orders', 100, 2)
  const { led } = test.broker(1)
  led.openingMs = 10
  test.kill(2)
  await test.passUntil(() => test.isServed('orders'), 1_000)
  assert.equal(led.mostOpening, 50)
})

test('two brokers that are killed at once are replaced, too', async () => {
  const test = await TestCluster.serving('orders', 6)
  test.kill(2)
  test.kill(3)
  await test.pass(4_000)
  assert.deepEqual(test.leaders('orders'), [1, 1, 1, 1, 1, 1])
})

test('a broker that hangs answers nothing from the end of its lease on, and is replaced soon after', async () => {
  const test = await TestCluster.serving('orders', 6)
  const { life, cluster } = test.broker(2)
  life.pause()
  await test.pass(2_000)
  assert.deepEqual(test.leaders('orders'), [1, 2, 3, 1, 2, 3])
  await test.passUntil(() => !cluster.isServing, 1_100)
  await test.passUntil(() => test.isServed('orders'), 1_000)
  assert.deepEqual(test.spread('orders'), [3, 3])
})

test('when it goes on, it begins a new life and gets its share back, in new epochs', async () => {
  const test = await TestCluster.serving('orders', 6)
  const before = new Map(test.epochs)
  const { life, cluster } = test.broker(2)
  life.pause()
  await test.pass(5_000)
  life.resume()
  assert.equal(cluster.isServing, false)
  await test.pass(20_000)
  assert.deepEqual(test.spread('orders'), [2, 2, 2])
  assert.ok(cluster.isServing)
  assert.ok((test.epochs.get('orders-1') ?? 0) >= (before.get('orders-1') ?? 0) + 1)
})

test('a pause that is shorter than the lease moves nothing', async () => {
  const test = await TestCluster.serving('orders', 6)
  const epochs = test.epochs
  test.broker(2).life.pause()
  await test.pass(2_400)
  test.broker(2).life.resume()
  await test.pass(20_000)
  assert.deepEqual(test.epochs, epochs)
})

test('a session that breaks is no death: the process listens yet', async () => {
  const test = await TestCluster.serving('orders', 6)
  const epochs = test.epochs
  test.endSessionsOf(2)
  await test.pass(10_000)
  assert.deepEqual(test.epochs, epochs)
  test.kill(2)
  await test.pass(100)
  assert.deepEqual(test.spread('orders'), [3, 3])
})

test('a broker that is cut off from the database closes everything when its lease ends, before anybody takes over', async () => {
  const test = await TestCluster.serving('orders', 6)
  const { life, led } = test.broker(3)
  life.cut = 'calls'
  await test.pass(3_100)
  assert.equal(led.partitions.size, 0)
  await test.passUntil(() => test.isServed('orders'), 1_000)
  life.cut = 'none'
  await test.pass(20_000)
  assert.deepEqual(test.spread('orders'), [2, 2, 2])
})

test('a broker that has lost its lease does not serve again before all that it led is closed', async () => {
  const test = await TestCluster.serving('orders', 6)
  const { life, led, cluster } = test.broker(3)
  led.losingMs = 2_000
  life.cut = 'calls'
  await test.passUntil(() => !cluster.isServing)
  life.cut = 'none'
  await test.pass(1_500)
  assert.deepEqual([led.partitions.size, cluster.isServing], [2, false])
  await test.pass(1_000)
  assert.ok(cluster.isServing)
})

test('where answers are lost, nobody takes a broker for dead whose renewals arrive, but it does not serve', async () => {
  const test = await TestCluster.serving('orders', 6)
  const { life, cluster } = test.broker(3)
  life.cut = 'answers'
  await test.pass(5_000)
  assert.equal(cluster.isServing, false)
  life.cut = 'none'
  await test.pass(20_000)
  assert.deepEqual(test.spread('orders'), [2, 2, 2])
})

test('a database that is away for two seconds costs nothing', async () => {
  const test = await TestCluster.serving('orders', 6)
  const epochs = test.epochs
  for (const { life } of test.all) life.cut = 'calls'
  test.server.restart()
  await test.pass(2_000)
  for (const { life } of test.all) life.cut = 'none'
  await test.pass(10_000)
  assert.deepEqual(test.epochs, epochs)
})

test('a database that is away for minutes: all close what they lead, and all come back with it; nobody is buried', async () => {
  const test = await TestCluster.serving('orders', 6)
  const epochs = test.epochs
  for (const { life } of test.all) life.cut = 'calls'
  await test.pass(180_000)
  assert.ok(test.all.every(({ led, cluster }) => led.partitions.size === 0 && !cluster.isServing))
  for (const { life } of test.all) life.cut = 'none'
  await test.pass(1_000)
  assert.deepEqual(test.leaders('orders'), [1, 2, 3, 1, 2, 3])
  assert.deepEqual(test.epochs, new Map([...epochs].map(([key, epoch]) => [key, epoch + 1])))
})

test('a broker that finds its way back to the database later than the others is not taken for dead', async () => {
  const test = await TestCluster.serving('orders', 3)
  const epochs = test.epochs
  for (const { life } of test.all) life.cut = 'calls'
  await test.pass(60_000)
  for (const id of [1, 2]) test.broker(id).life.cut = 'none'
  await test.pass(2_500)
  test.broker(3).life.cut = 'none'
  await test.pass(10_000)
  assert.deepEqual(test.leaders('orders'), [1, 2, 3])
  assert.deepEqual(test.epochs, new Map([...epochs].map(([key, epoch]) => [key, epoch + 1])))
})

test('after a fail-over of the database everything is opened anew', async () => {
  const test = await TestCluster.serving('orders', 3)
  const epochs = test.epochs
  test.server.failOver()
  await test.pass(2_000)
  assert.deepEqual(test.leaders('orders'), [1, 2, 3])
  for (const [key, epoch] of epochs) assert.ok((test.epochs.get(key) ?? 0) >= epoch + EPOCH_JUMP)
})

test('a broker that leaves hands over what it leads, and is gone at once', async () => {
  const test = await TestCluster.serving('orders', 6)
  await test.passing(test.broker(3).cluster.leave())
  await test.pass(50)
  assert.deepEqual(test.spread('orders'), [3, 3])
  assert.deepEqual([...test.broker(1).cluster.image.brokers.keys()], [1, 2])
  assert.equal(test.broker(1).led.notes.filter((note) => note.startsWith('lose')).length, 0)
})

test('the last one that leaves takes nothing along: whoever comes next leads it', async () => {
  const test = await TestCluster.serving('orders', 3, 1)
  await test.passing(test.broker(1).cluster.leave())
  await test.join(2)
  await test.passUntil(() => test.isServed('orders'), 1_000)
  assert.deepEqual(test.leaders('orders'), [2, 2, 2])
})

test('brokers that leave at the same time open nothing that one leaves to the other', async () => {
  for (const pauseMs of [0, 1, 2, 5, 10]) {
    const test = await TestCluster.serving('orders', 12)
    const leaving = test.all.map(({ cluster }, at) => {
      return new Promise<void>((left) => test.clock.setTimer(at * pauseMs, () => cluster.leave().then(left)))
    })
    await test.passing(Promise.all(leaving))
    await test.pass(1_000)
    for (const { led } of test.all) assert.deepEqual([...led.partitions.keys()], [])
  }
})

test('leaving without the database takes two seconds at most', async () => {
  const test = await TestCluster.serving('orders', 6)
  const { cluster, life } = test.broker(3)
  life.cut = 'calls'
  const before = test.clock.monotonic()
  await test.passing(cluster.leave())
  assert.ok(test.clock.monotonic() - before <= 2_200)
})

test('a process that starts leads its share, though the one before it was killed while it left, and nobody could bury that one', async () => {
  const test = await TestCluster.serving('orders', 6)
  const { cluster, led } = test.broker(3)
  for (const key of led.partitions.keys()) led.busy.add(key)
  const leaving = cluster.leave()
  await test.passUntil(() => test.broker(1).cluster.image.brokers.get(3)?.isDraining === true)
  for (const { life } of test.all) life.cut = 'calls'
  test.kill(3)
  await test.pass(4_000)
  await test.passing(leaving.catch(() => undefined)).catch(() => undefined)
  for (const { life } of test.all) life.cut = 'none'
  await test.join(3)
  await test.pass(15_000)
  assert.deepEqual(test.spread('orders'), [2, 2, 2])
})

test('a broker that an operator has drained leads nothing in its next process either, until it may again', async () => {
  const test = await TestCluster.serving('orders', 6)
  await test.passing(test.broker(1).cluster.drain(3, true))
  await test.pass(1_000)
  test.kill(3)
  await test.join(3)
  await test.pass(30_000)
  assert.deepEqual([...new Set(test.leaders('orders'))].sort(), [1, 2])
  await test.passing(test.broker(3).cluster.drain(3, false))
  await test.pass(15_000)
  assert.deepEqual(test.spread('orders'), [2, 2, 2])
})

test('a broker that may lead again while it comes back does, whatever it had read before', async () => {
  for (let pauseMs = 0; pauseMs < 30; pauseMs += 3) {
    const test = await TestCluster.serving('orders', 6)
    await test.passing(test.broker(1).cluster.drain(3, true))
    await test.pass(1_000)
    test.kill(3)
    const again = await test.open(3)
    const started = test.startOf(again)
    await test.clock.advance(pauseMs)
    const undrain = test
      .broker(1)
      .cluster.drain(3, false)
      .catch(() => undefined)
    await test.passing(Promise.all([started.done, undrain]))
    await test.passing(test.broker(1).cluster.drain(3, false))
    await test.pass(15_000)
    assert.deepEqual(test.spread('orders'), [2, 2, 2], `after ${pauseMs} ms`)
  }
})

test('a broker that is killed in its first moments, before its neighbour watches it, is replaced soon, too', async () => {
  for (let pauseMs = 0; pauseMs < 12; pauseMs++) {
    const test = await TestCluster.serving('orders', 2, 2)
    await test.pass(3_000)
    const third = await test.open(3)
    void test.startOf(third).done.catch(() => undefined)
    while (!test.server.tables.brokers.has(3)) await test.clock.advance(1)
    await test.clock.advance(pauseMs)
    test.kill(3)
    await test.pass(500)
    assert.deepEqual([...test.broker(1).cluster.image.brokers.keys()], [1, 2], `after ${pauseMs} ms`)
  }
})

test('a whole cluster that was killed comes back with what each one led', async () => {
  const test = await TestCluster.serving('orders', 6)
  for (const id of [1, 2, 3]) test.kill(id)
  await test.pass(60_000)
  for (const id of [3, 2, 1]) await test.join(id)
  await test.pass(1_000)
  assert.deepEqual(test.leaders('orders'), [1, 2, 3, 1, 2, 3])
})

test('a broker that is killed and comes back at once keeps its partitions, in the next epoch', async () => {
  const test = await TestCluster.serving('orders', 3)
  const epoch = test.epochs.get('orders-1') ?? 0
  test.kill(2)
  await test.join(2)
  assert.equal(test.leaders('orders')[1] === 2 ? test.epochs.get('orders-1') : epoch + 1, epoch + 1)
  await test.pass(20_000)
  assert.deepEqual(test.spread('orders'), [1, 1, 1])
})
