import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch } from '@rivven/protocol'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.js'
import { StartedLogs, StillClock } from './log-fixture.js'
import { topicConfig } from './record-vectors.js'

const orders = { name: 'orders', id: 'AAAAAAAAAAAAAAAAAAAAAQ', configs: topicConfig({}) }
const partitions = [0, 1, 2]
const batch = () => buildBatch({ records: [{ value: Buffer.from('v'), timestamp: 1_700_000_000_000 }] })
const byClient = { acks: -1, produceVersion: 9, origin: 'client' } as const

async function open(storage: MemoryStorage): Promise<StartedLogs> {
  const logs = await StartedLogs.start({ storage, clock: new StillClock() })
  await logs.create(orders, partitions)
  return logs
}

test('a partition that nobody has asked for is there, but no log is open for it', async () => {
  const logs = await open(new MemoryStorage(new StillClock()))
  assert.ok(logs.has('orders', 2))
  assert.equal(logs.opened('orders', 2), undefined)
  assert.equal(logs.get('orders', 2)?.logEndOffset, 0)
  assert.equal(logs.opened('orders', 2), logs.get('orders', 2))
  await logs.close()
})

test('what is no partition is none', async () => {
  const logs = await open(new MemoryStorage(new StillClock()))
  for (const partition of [3, -1]) {
    assert.ok(!logs.has('orders', partition))
    assert.equal(logs.get('orders', partition), undefined)
  }
  assert.equal(logs.get('unknown', 0), undefined)
  await logs.close()
})

test('a start opens the partitions that hold something, and no others', async () => {
  const storage = new MemoryStorage(new StillClock())
  const before = await open(storage)
  await before.get('orders', 1)?.append(batch(), byClient)
  await before.close()
  const after = await open(storage)
  assert.deepEqual(
    partitions.map((partition) => after.opened('orders', partition)?.logEndOffset),
    [undefined, 1, undefined],
  )
  assert.equal(after.get('orders', 0)?.leaderEpoch, after.opened('orders', 1)?.leaderEpoch)
  await after.close()
})

test('new configs count for a log that is opened later', async () => {
  const logs = await open(new MemoryStorage(new StillClock()))
  logs.configure('orders', topicConfig({ maxMessageBytes: 7 }))
  const answer = await logs.get('orders', 0)?.append(batch(), byClient)
  assert.equal(answer?.errorCode, 10)
  await logs.close()
})

/** Every look at it takes a millisecond; counts how often others have their turn. */
class BusyClock extends StillClock {
  turns = 0

  override monotonic(): number {
    this.time += 1
    return this.time
  }

  override setTimer(delayMs: number, callback: () => void) {
    this.turns += 1
    return super.setTimer(delayMs, callback)
  }
}

for (const round of ['retain', 'clean'] as const) {
  test(`a round over many logs with nothing to be done lets others have their turn: ${round}`, async () => {
    const clock = new BusyClock()
    const logs = await StartedLogs.start({ storage: new MemoryStorage(clock), clock })
    const many = Array.from({ length: 1_000 }, (_, partition) => partition)
    await logs.create(orders, many)
    for (const partition of many) logs.get('orders', partition)
    clock.turns = 0
    await logs[round]()
    assert.ok(clock.turns >= 100, `${clock.turns} turns for ${many.length} logs`)
    await logs.close()
  })
}
