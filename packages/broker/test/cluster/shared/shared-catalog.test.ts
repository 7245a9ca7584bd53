import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CatalogChange } from '../../../src/catalog/catalog.js'
import { brokerConfig } from '../../../src/config/broker-config.js'
import { TestCluster } from './test-cluster.js'

const kinds = (changes: CatalogChange[]) => changes.map(({ kind, topic }) => `${kind} ${topic.name}`)

test('what one broker makes, grows, configures and deletes all others see', async () => {
  const test = await TestCluster.of(2)
  const [one, two] = [test.broker(1).cluster.catalog, test.broker(2).cluster.catalog]
  const seen: CatalogChange[] = []
  two.onChange((change) => seen.push(change))
  await test.passing(one.createTopic('orders', 2, new Map([['retention.ms', '9']])))
  assert.deepEqual([...(await test.passing(one.growTopics([{ name: 'orders', count: 5 }])))], ['orders'])
  const change = () => new Map([['retention.ms', '10']])
  await test.passing(one.configureTopics([{ name: 'orders', change }]))
  await test.pass(50)
  assert.deepEqual(two.topic('orders'), one.topic('orders'))
  assert.equal(two.topic('orders')?.partitionCount, 5)
  assert.equal(two.topic('orders')?.logConfig.retentionMs, 10)
  await test.passing(one.deleteTopics(['orders']))
  await test.pass(50)
  assert.deepEqual(kinds(seen), ['created orders', 'grown orders', 'configured orders', 'deleted orders'])
  assert.equal(test.epochs.size, 0)
})

test('a broker that has left makes no topics, and keeps nobody waiting to see them', async () => {
  const test = await TestCluster.of(2)
  const { cluster } = test.broker(1)
  await test.passing(cluster.leave())
  const now = test.clock.monotonic()
  await assert.rejects(cluster.catalog.createTopic('late', 1), /has left the cluster/)
  assert.equal(test.clock.monotonic(), now)
  await test.pass(50)
  assert.equal(test.broker(2).cluster.catalog.topic('late'), undefined)
})

test('of two brokers that make one topic at once one makes it', async () => {
  const test = await TestCluster.of(2)
  const catalogs = [test.broker(1).cluster.catalog, test.broker(2).cluster.catalog]
  const asked = catalogs.map((catalog) => catalog.createTopics([{ name: 'orders', partitionCount: 2 }]))
  const made = await test.passing(Promise.all(asked))
  assert.deepEqual(made.map(({ size }) => size).sort(), [0, 1])
  await test.pass(50)
  assert.equal(catalogs[1]?.topic('orders')?.id, catalogs[0]?.topic('orders')?.id)
})

test('of two brokers that configure one topic at once both have their say', async () => {
  const test = await TestCluster.of(2)
  await test.passing(test.broker(1).cluster.catalog.createTopic('orders', 1))
  await test.pass(50)
  const asked = ['retention.ms', 'segment.bytes'].map((key, at) =>
    test
      .broker(at + 1)
      .cluster.catalog.configureTopics([{ name: 'orders', change: (old) => new Map([...old, [key, '99']]) }]),
  )
  await test.passing(Promise.all(asked))
  await test.pass(50)
  assert.deepEqual([...(test.broker(1).cluster.catalog.topic('orders')?.configs.keys() ?? [])].sort(), [
    'retention.ms',
    'segment.bytes',
  ])
})

for (const [what, work] of [
  ['a creation', (catalog) => catalog.createTopics([{ name: 'new', partitionCount: 2 }]).then(({ size }) => size)],
  ['a deletion', (catalog) => catalog.deleteTopics(['orders']).then(() => catalog.topics().length)],
  ['more partitions', (catalog) => catalog.growTopics([{ name: 'orders', count: 3 }]).then(({ size }) => size)],
  [
    'a config',
    (catalog) =>
      catalog
        .configureTopics([{ name: 'orders', change: (old) => new Map([...old, ['retention.ms', `${old.size}9`]]) }])
        .then(() => catalog.topic('orders')?.configs.get('retention.ms')),
  ],
] as [string, (catalog: TestCluster['all'][number]['cluster']['catalog']) => Promise<unknown>][]) {
  test(`${what} of which the answer is lost is recognised when it is asked for again`, async () => {
    const expected = async (cut: 'none' | 'answers') => {
      const test = await TestCluster.of(2)
      const { cluster, life } = test.broker(1)
      await test.passing(cluster.catalog.createTopic('orders', 1))
      life.cut = cut
      const done = work(cluster.catalog)
      await test.pass(150)
      life.cut = 'none'
      const answer = await test.passing(done)
      return { answer, version: test.server.tables.version }
    }
    assert.deepEqual(await expected('answers'), await expected('none'))
  })
}

test('changes are refused after five seconds without the database, and nothing of them is seen', async () => {
  const test = await TestCluster.of(2)
  const { cluster, life } = test.broker(1)
  life.cut = 'calls'
  await assert.rejects(test.passing(cluster.catalog.createTopic('orders', 1)), { name: 'UnavailableError' })
  assert.equal(cluster.catalog.topic('orders'), undefined)
})

test('a topic that is deleted and made again has other partitions, which begin in epoch 0', async () => {
  const test = await TestCluster.of(2)
  const { catalog } = test.broker(1).cluster
  const { id } = await test.passing(catalog.createTopic('orders', 2))
  await test.passing(catalog.deleteTopics(['orders']))
  assert.notEqual((await test.passing(catalog.createTopic('orders', 2))).id, id)
  await test.pass(50)
  assert.deepEqual([...test.epochs.values()], [0, 0])
})

test('topics for which there is no room are not made', async () => {
  const test = await TestCluster.of(1, { config: { ...brokerConfig(), max_partitions: 3 } })
  const { catalog } = test.broker(1).cluster
  const made = await test.passing(
    catalog.createTopics([
      { name: 'a', partitionCount: 2 },
      { name: 'b', partitionCount: 2 },
      { name: '__consumer_offsets', partitionCount: 2 },
    ]),
  )
  assert.deepEqual([...made.keys()], ['a', '__consumer_offsets'])
  assert.equal((await test.passing(catalog.growTopics([{ name: 'a', count: 9 }]))).size, 0)
})

test('topics have the replication factor that was asked for, else the default, in the eyes of all brokers', async () => {
  const test = await TestCluster.of(2, { config: { ...brokerConfig(), default_replication_factor: 2 } })
  const asked = [
    { name: 'usual', partitionCount: 1 },
    { name: 'single', partitionCount: 1, replicationFactor: 1 },
  ]
  await test.passing(test.broker(1).cluster.catalog.createTopics(asked))
  await test.pass(50)
  for (const { cluster } of test.all) {
    const factors = cluster.catalog.topics().map(({ name, replicationFactor }) => [name, replicationFactor])
    assert.deepEqual(Object.fromEntries(factors), { usual: 2, single: 1 })
  }
})

test('partitions are led first by those who were asked for, others as it fits', async () => {
  const test = await TestCluster.of(3)
  const { catalog } = test.broker(1).cluster
  const asked = [
    { name: 'free', partitionCount: 3 },
    { name: 'placed', partitionCount: 3, leaders: [3, 3, 2] },
  ]
  await test.passing(catalog.createTopics(asked))
  await test.passing(catalog.growTopics([{ name: 'placed', count: 5, leaders: [1, 3] }]))
  await test.pass(50)
  assert.deepEqual(test.leaders('placed'), [3, 3, 2, 1, 3])
  assert.deepEqual(test.leaders('free'), [1, 2, 3])
})
