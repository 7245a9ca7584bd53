import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewTopicRow } from '../../src/database/metadata.js'
import { createTopic, implementations, partitionsOf, register } from './implementations.js'

for (const { name, start } of implementations) {
  test(`${name}: changes since a version are the rows that were changed after it, as they are now`, async () => {
    const { metadata, ...database } = await (await start()).connect()
    const { me } = await register({ metadata, ...database }, 1)
    const { version: before } = await metadata.changesSince(0)
    const { version } = await metadata.createTopics([topic('orders', [1, 1])])
    const changes = await metadata.changesSince(before)
    assert.equal(changes.version, version)
    assert.deepEqual([changes.brokers, changes.documents, changes.chunks], [[], [], []])
    assert.deepEqual(
      changes.topics.map((row) => [row.name, row.partitionCount, row.isDeleted, row.changed]),
      [['orders', 2, false, version]],
    )
    assert.deepEqual(
      changes.partitions.map(({ index, leader, incarnation }) => [index, leader, incarnation]),
      [
        [0, 1, me.incarnation],
        [1, 1, me.incarnation],
      ],
    )
    const nothing = await metadata.changesSince(version)
    assert.deepEqual([nothing.version, nothing.topics, nothing.partitions], [version, [], []])
    const all = await metadata.changesSince(0)
    assert.deepEqual([all.brokers.length, all.topics.length, all.partitions.length], [1, 1, 2])
    assert.equal(all.clusterId, changes.clusterId)
  })

  test(`${name}: of one topic name there is one topic, and a creation that is made again finds its own`, async () => {
    const database = await (await start()).connect()
    await register(database, 1)
    const { metadata } = database
    const create = (topicId: string) => metadata.createTopics([{ ...topic('orders', [1]), topicId }])
    const first = await create('first')
    assert.deepEqual([...first.done], ['orders'])
    assert.deepEqual(await create('first'), first)
    assert.deepEqual([...(await create('second')).done], [])
    assert.equal((await partitionsOf(database, 'first')).length, 1)
    assert.equal((await partitionsOf(database, 'second')).length, 0)
  })

  test(`${name}: two that make one topic at the same time make one`, async () => {
    const shared = await start()
    const brokers = [await shared.connect(), await shared.connect(), await shared.connect()]
    const made = await Promise.all(
      brokers.map(({ metadata }, at) => metadata.createTopics([{ ...topic('orders', [null]), topicId: `by-${at}` }])),
    )
    assert.equal(made.filter(({ done }) => done.has('orders')).length, 1)
    const { topics, partitions } = await brokers[0]!.metadata.changesSince(0)
    assert.deepEqual([topics.length, partitions.length], [1, 1])
  })

  test(`${name}: several topics of one call take one version, those that are there already are left as they are`, async () => {
    const { metadata } = await (await start()).connect()
    await metadata.createTopics([topic('orders', [null])])
    const { version: before } = await metadata.changesSince(0)
    const { done, version } = await metadata.createTopics([
      { ...topic('orders', [null, null]), topicId: 'another' },
      topic('payments', [null]),
      topic('returns', [null, null]),
      { ...topic('returns', []), topicId: 'another' },
    ])
    assert.deepEqual([...done], ['payments', 'returns'])
    assert.equal(version, before + 1)
    const { topics, partitions } = await metadata.changesSince(before)
    assert.deepEqual([topics.length, partitions.length], [2, 3])
  })

  test(`${name}: a leader that is not here is nobody`, async () => {
    const database = await (await start()).connect()
    const { me } = await register(database, 1)
    await database.members.retire(me)
    const parts = await createTopic(database, 'orders', [1, 2, null])
    assert.deepEqual(
      parts.map(({ leader, incarnation, epoch }) => [leader, incarnation, epoch]),
      [
        [null, 0, 0],
        [null, 0, 0],
        [null, 0, 0],
      ],
    )
  })

  test(`${name}: a topic grows from the count that was known, and not twice`, async () => {
    const database = await (await start()).connect()
    const { me } = await register(database, 1)
    const [first] = await createTopic(database, 'orders', [1])
    const grow = (from: number) => database.metadata.growTopics([{ topicId: 'id-of-orders', from, leaders: [1, null] }])
    assert.equal((await grow(2)).done.size, 0)
    const { done, version } = await grow(1)
    assert.deepEqual([...done], ['id-of-orders'])
    assert.equal((await grow(1)).done.size, 0, 'made again')
    const parts = await partitionsOf(database, 'id-of-orders')
    assert.deepEqual(
      parts.map(({ index, leader, incarnation }) => [index, leader, incarnation]),
      [
        [0, 1, me.incarnation],
        [1, 1, me.incarnation],
        [2, null, 0],
      ],
    )
    assert.deepEqual(parts[0], first)
    const [row] = (await database.metadata.changesSince(version - 1)).topics
    assert.deepEqual([row?.partitionCount, row?.changed], [3, version])
  })

  test(`${name}: configs are replaced by who has seen the newest, all of them`, async () => {
    const { metadata } = await (await start()).connect()
    const { version: made } = await metadata.createTopics([topic('orders', [null])])
    const configure = (expected: number, value: string) =>
      metadata.configureTopics([
        { topicId: 'id-of-orders', expected, configs: new Map([['retention.ms', value]]), keep: '1h' },
      ])
    const first = await configure(made, '1')
    assert.deepEqual([...first.done], ['id-of-orders'])
    assert.equal((await configure(made, '2')).done.size, 0, 'somebody was faster')
    const [row] = (await metadata.changesSince(made)).topics
    assert.deepEqual([row?.configs.get('retention.ms'), row?.keep, row?.changed], ['1', '1h', first.version])
    const second = await configure(first.version, '3')
    assert.deepEqual([...second.done], ['id-of-orders'])
  })

  test(`${name}: a topic that is deleted takes its partitions with it, and its name is free`, async () => {
    const database = await (await start()).connect()
    await register(database, 1)
    const { metadata } = database
    await createTopic(database, 'orders', [1, 1])
    const { done, version } = await metadata.deleteTopics(['id-of-orders', 'no such id'])
    assert.deepEqual([...done], ['id-of-orders'])
    assert.deepEqual(await partitionsOf(database, 'id-of-orders'), [])
    const [row] = (await metadata.changesSince(version - 1)).topics
    assert.deepEqual([row?.isDeleted, row?.changed], [true, version])
    assert.deepEqual(await metadata.deleteTopics(['id-of-orders']), { done, version }, 'made again')
    assert.equal((await metadata.growTopics([{ topicId: 'id-of-orders', from: 2, leaders: [1] }])).done.size, 0)
    const again = await metadata.createTopics([{ ...topic('orders', [1]), topicId: 'new' }])
    assert.deepEqual([...again.done], ['orders'])
    const late = await metadata.createTopics([topic('orders', [1])])
    assert.deepEqual([...late.done], [], 'a creation that comes late does not bring it back')
  })

  test(`${name}: a deleted topic is told of for an hour`, async () => {
    const shared = await start()
    const database = await shared.connect()
    await createTopic(database, 'orders', [null])
    await database.metadata.deleteTopics(['id-of-orders'])
    const count = async () => (await database.metadata.changesSince(0)).topics.length
    await shared.pass(3_599_000)
    await database.logs.sweep()
    assert.equal(await count(), 1)
    await shared.pass(1000)
    await database.logs.sweep()
    assert.equal(await count(), 0)
  })

  test(`${name}: ids are given once, to whoever asks`, async () => {
    const shared = await start()
    const [one, two] = [await shared.connect(), await shared.connect()]
    const take = async ({ metadata }: typeof one, count: number) => ({
      first: await metadata.takeIds('producer', count),
      count,
    })
    // Which of them is served first is not said.
    const taken = await Promise.all([take(one, 1000), take(two, 1000), take(one, 10)])
    taken.sort((a, b) => a.first - b.first)
    let next = 0
    for (const { first, count } of taken) {
      assert.equal(first, next)
      next += count
    }
    assert.equal(await one.metadata.takeIds('segment', 5), 1, 'each kind for itself')
  })

  test(`${name}: a document is replaced by who has seen the newest`, async () => {
    const { metadata } = await (await start()).connect()
    const first = await metadata.replaceDocument('users', 0, Buffer.from('a'))
    assert.ok(first.isDone)
    const late = await metadata.replaceDocument('users', 0, Buffer.from('b'))
    assert.deepEqual(late, { isDone: false, version: first.version })
    assert.ok((await metadata.replaceDocument('users', first.version, Buffer.from('c'))).isDone)
    const { documents } = await metadata.changesSince(first.version)
    assert.deepEqual(
      documents.map(({ name: which, content }) => `${which}: ${content}`),
      ['users: c'],
    )
  })
}

function topic(name: string, leaders: readonly (number | null)[]): NewTopicRow {
  return { topicId: `id-of-${name}`, name, configs: new Map(), replicationFactor: 1, keep: '10d', leaders }
}
