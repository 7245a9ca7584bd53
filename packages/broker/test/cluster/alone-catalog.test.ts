import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeRuntime } from '@rivven/runtime'
import { AloneCatalog } from '../../src/cluster/alone/alone-catalog.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import type { Logs } from '../../src/log/logs.js'
import { memoryStorage } from '../../src/open-storage.js'
import type { OwnStorage } from '../../src/storage/own-storage.js'

const runtime = nodeRuntime()
const config = brokerConfig()

/** Notes what the catalog asks of the logs. */
function noteLogs(): { logs: Logs; notes: string[] } {
  const notes: string[] = []
  const logs = {
    open: async ({ name }: { name: string }, partitions: number[], epoch: number) =>
      void notes.push(`open ${name} ${partitions} ${epoch}`),
    delete: async (name: string) => void notes.push(`delete ${name}`),
    configure: (name: string, { retentionMs }: { retentionMs: number }) =>
      void notes.push(`configure ${name} ${retentionMs}`),
  }
  return { logs: logs as unknown as Logs, notes }
}

async function open(storage: OwnStorage) {
  const catalog = await AloneCatalog.open({ storage, runtime, config })
  const { logs, notes } = noteLogs()
  catalog.follow(logs, 7)
  return { catalog, notes }
}

test('topics, their ids, sizes and configs outlive the broker', async () => {
  const storage = memoryStorage(runtime)
  const { catalog } = await open(storage)
  const made = await catalog.createTopic('orders', 2, new Map([['retention.ms', '9']]))
  await catalog.growTopics([{ name: 'orders', count: 5 }])
  await catalog.createTopic('gone', 1)
  await catalog.deleteTopics(['gone'])
  const { catalog: again } = await open(storage)
  assert.equal(again.clusterId, catalog.clusterId)
  assert.deepEqual(
    again.topics().map(({ name }) => name),
    ['orders'],
  )
  const found = again.topicById(made.id)
  assert.equal(found?.partitionCount, 5)
  assert.equal(found?.logConfig.retentionMs, 9)
})

test('changes that come at once are made one by one, and a topic is made once', async () => {
  const { catalog, notes } = await open(memoryStorage(runtime))
  const [one, other] = await Promise.all([catalog.createTopic('t', 1), catalog.createTopic('t', 3)])
  assert.equal(one, other)
  assert.deepEqual(notes, ['open t 0 7'])
  await Promise.all([catalog.growTopics([{ name: 't', count: 3 }]), catalog.growTopics([{ name: 't', count: 2 }])])
  assert.deepEqual(notes.slice(1), ['open t 1,2 7'])
})

test('a topic that is made again is a new one', async () => {
  const { catalog } = await open(memoryStorage(runtime))
  const first = await catalog.createTopic('t', 1)
  await catalog.deleteTopics(['t'])
  const second = await catalog.createTopic('t', 1)
  assert.notEqual(first.id, second.id)
  assert.equal(catalog.topicById(first.id), undefined)
})

test('those who listen learn of changes that took effect', async () => {
  const { catalog, notes } = await open(memoryStorage(runtime))
  const seen: string[] = []
  const stop = catalog.onChange(({ kind, topic }) =>
    seen.push(`${kind} ${topic.name} ${catalog.topic(topic.name)?.partitionCount}`),
  )
  await catalog.createTopic('t', 1)
  await catalog.growTopics([{ name: 't', count: 2 }])
  await catalog.configureTopics([{ name: 't', change: (own) => new Map([...own, ['retention.ms', '1']]) }])
  await catalog.deleteTopics(['t'])
  stop()
  await catalog.createTopic('u', 1)
  assert.deepEqual(seen, ['created t 1', 'grown t 2', 'configured t 2', 'deleted t undefined'])
  assert.deepEqual(notes, ['open t 0 7', 'open t 1 7', 'configure t 1', 'delete t', 'open u 0 7'])
})

test('names of objects are ordinary names, and dots collide with underscores', async () => {
  const { catalog } = await open(memoryStorage(runtime))
  for (const name of ['__proto__', 'constructor', 'hasOwnProperty']) assert.equal(catalog.topic(name), undefined)
  await catalog.createTopics(['__proto__', 'constructor', 'a.b'].map((name) => ({ name, partitionCount: 1 })))
  assert.equal(catalog.topic('__proto__')?.partitionCount, 1)
  assert.equal(catalog.collidingTopic('a_b'), 'a.b')
  assert.equal(catalog.collidingTopic('a.b'), undefined)
})

test('a change that cannot be stored is told, and has no effect', async () => {
  const storage = memoryStorage(runtime)
  const { catalog, notes } = await open(storage)
  storage.writeDocument = async () => {
    throw new Error('disk full')
  }
  await assert.rejects(catalog.createTopic('t', 1), /disk full/)
  assert.equal(catalog.topic('t'), undefined)
  assert.deepEqual(notes, [])
})

test('a catalog that is lost is no empty catalog: the start is refused, with the names of the topics', async () => {
  const storage = memoryStorage(runtime)
  const ignored = () => undefined
  const owner = { restore: ignored, replay: ignored, written: ignored, durable: ignored, failed: ignored }
  await storage.openPartition({ topic: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partition: 0 }, 0, owner)
  await assert.rejects(open(storage), {
    name: 'StoredDataError',
    message: /catalog is lost .* data of orders \(id AAAAAAAAAAAAAAAAAAAAAQ\)\. Put back/,
  })
})

test('a deletion that was cut short is known at the next start, and one that was done at the next but one', async () => {
  const storage = memoryStorage(runtime)
  const { catalog } = await open(storage)
  const { id } = await catalog.createTopic('orders', 1)
  await catalog.deleteTopics(['orders'])
  const { catalog: again } = await open(storage)
  assert.deepEqual([...again.deletedTopics], [id])
  await catalog.createTopic('others', 1)
  const { catalog: third } = await open(storage)
  assert.deepEqual([...third.deletedTopics], [])
})

test('thousands of new topics get their ids in stretches, between which others have their turn', async () => {
  let [inTurn, most, time] = [0, 0, 0]
  const uuid = () => {
    most = Math.max(most, ++inTurn)
    return runtime.random.uuid()
  }
  // Every look at it takes a millisecond; a timer is a turn of others.
  const clock = {
    ...{ now: () => time, monotonic: () => ++time },
    setTimer(_delayMs: number, callback: () => void) {
      inTurn = 0
      setImmediate(callback)
      return { cancel: () => undefined }
    },
  }
  const storage = memoryStorage(runtime)
  const busy = { ...runtime, clock, random: { ...runtime.random, uuid } }
  const catalog = await AloneCatalog.open({ storage, runtime: busy, config })
  const topics = Array.from({ length: 1_000 }, (_, at) => ({ name: `t${at}`, partitionCount: 1 }))
  await catalog.createTopics(topics)
  assert.equal(catalog.topics().length, 1_000)
  assert.ok(most <= 10, `${most} ids in one turn`)
})
