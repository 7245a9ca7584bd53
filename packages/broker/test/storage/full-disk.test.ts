import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TopicLogConfig } from '../../src/log/logs.js'
import { FileStorage } from '../../src/storage/files/file-storage.js'
import { batchOf, StartedLogs, StillClock } from '../log/log-fixture.js'
import { topicConfig } from '../log/record-vectors.js'
import { MemoryDisk } from './memory-disk.js'

const RESERVE = 4_000
const BATCH = batchOf(['k=v']).length

/** A clock whose timers wait until the test lets them run. */
class HeldClock extends StillClock {
  readonly #due = new Set<() => void>()

  override setTimer(delayMs: number, callback: () => void) {
    if (delayMs === 0) return super.setTimer(delayMs, callback)
    this.#due.add(callback)
    return { cancel: () => this.#due.delete(callback) }
  }

  /** One round of what waits for time to pass. */
  pass(): void {
    const due = [...this.#due]
    this.#due.clear()
    for (const callback of due) callback()
  }
}

async function brokerOn(disk: MemoryDisk, config: Partial<TopicLogConfig> = {}) {
  const clock = new HeldClock()
  const limits = { tailCacheBytes: 0, reserveBytes: RESERVE, journalBytes: 2_000 }
  const storage = await FileStorage.open({ folder: '/data', disk, clock, ...limits })
  const told = { faults: 0, recovered: 0 }
  const logs = await StartedLogs.start({
    ...{ storage, clock },
    onFault: () => void told.faults++,
    onRecovered(count) {
      told.recovered += count
    },
  })
  const configs = topicConfig({ segmentBytes: BATCH * 10, ...config })
  const ids = { orders: 'AAAAAAAAAAAAAAAAAAAAAQ', others: 'AAAAAAAAAAAAAAAAAAAAAg' }
  for (const [name, id] of Object.entries(ids)) await logs.create({ name, id, configs }, [0])
  const append = (topic: keyof typeof ids, batch = batchOf(['k=v'])) =>
    logs.get(topic, 0)!.append(batch, { acks: -1, origin: 'client' })
  return {
    ...{ clock, storage, logs, configs, told, append },
    /** Appends until the disk takes no more: how many it took. */
    async fill(topic: keyof typeof ids): Promise<number> {
      for (let count = 0; ; count++) if ((await append(topic)).errorCode !== 0) return count
    },
    /** Lets time pass until that is so. */
    async until(isSo: () => boolean): Promise<void> {
      while (!isSo()) {
        clock.pass()
        await new Promise(setImmediate)
      }
    },
  }
}

type TestBroker = Awaited<ReturnType<typeof brokerOn>>

/** A broker with a reserve on a disk that is full. */
async function fullBroker(config: Partial<TopicLogConfig> = {}) {
  const disk = new MemoryDisk()
  const broker = await brokerOn(disk, config)
  await broker.append('others')
  await broker.logs.retain()
  disk.capacity = 60_000
  const stored = await broker.fill('orders')
  assert.ok(stored > 100, `${stored} batches`)
  return { ...broker, disk, stored }
}

const isWritable = ({ logs }: TestBroker) => logs.get('orders', 0)?.isWritable

test('on a full disk a partition refuses, steadily, and takes records again by itself when there is room', async () => {
  const broker = await fullBroker()
  const { disk, logs, stored } = broker
  for (let round = 0; round < 5; round++) {
    broker.clock.pass()
    await settled()
    assert.deepEqual([isWritable(broker), logs.waiting.room], [false, 1])
    assert.equal((await broker.append('orders')).errorCode, 56)
  }
  assert.equal(broker.told.faults, 1, 'it is told once')
  disk.capacity = Infinity
  await broker.until(() => logs.waiting.room === 0)
  assert.equal(broker.told.recovered, 1)
  assert.deepEqual([(await broker.append('orders')).baseOffset, isWritable(broker)], [stored, true])
  await logs.close()
  assert.equal((await brokerOn(disk)).logs.get('orders', 0)!.logEndOffset, stored + 1)
})

test('a little room is not room: a partition does not come back to fail again', async () => {
  const broker = await fullBroker()
  broker.disk.capacity += RESERVE
  for (let round = 0; round < 5; round++) {
    broker.clock.pass()
    await settled()
    assert.equal(isWritable(broker), false)
  }
  broker.disk.capacity += RESERVE * 4
  await broker.until(() => isWritable(broker) === true)
})

test('on a full disk a topic can be deleted, and what it had makes room', async () => {
  const { logs, storage, disk, ...broker } = await fullBroker()
  // A catalog is as large as the one that it replaces; both have two files.
  await storage.writeDocument('catalog', Buffer.alloc(1_000))
  await storage.writeDocument('catalog', Buffer.alloc(900))
  await logs.delete('orders')
  assert.ok(disk.names_().every((name) => !name.includes('orders')))
  await broker.until(() => logs.waiting.room === 0)
  assert.equal((await broker.append('others')).errorCode, 0)
  assert.equal(disk.content('/data/reserve').length, RESERVE, 'what was spent is put by again')
})

test('on a full disk retention can be altered, and removes records at once', async () => {
  const broker = await fullBroker({ retentionBytes: -1 })
  const { logs, stored } = broker
  logs.configure('orders', { ...broker.configs, retentionBytes: BATCH * 20 })
  await broker.until(() => isWritable(broker) === true)
  const { logStartOffset, logEndOffset } = logs.get('orders', 0)!
  assert.ok(logStartOffset > 0 && logEndOffset === stored, `${logStartOffset} to ${logEndOffset} of ${stored}`)
})

test('on a full disk records can be deleted', async () => {
  const broker = await fullBroker()
  const log = broker.logs.get('orders', 0)!
  await broker.until(() => log.health === 'sound')
  assert.equal(log.isWritable, false)
  await log.deleteRecordsBefore(50)
  assert.equal(log.logStartOffset, 50)
})

test('a broker can be started on a full disk', async () => {
  const { disk, logs, stored } = await fullBroker()
  await logs.close()
  const again = await brokerOn(disk)
  assert.equal(again.logs.get('orders', 0)!.logEndOffset, stored)
})

async function settled(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate)
}
