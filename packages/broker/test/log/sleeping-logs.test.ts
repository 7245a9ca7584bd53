import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch, ErrorCode } from '@rivven/protocol'
import type { PartitionView } from '../../src/log/partition-log.js'
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
    assert.equal(logs.view('orders', partition), undefined)
  }
  assert.equal(logs.get('unknown', 0), undefined)
  assert.equal(logs.view('unknown', 0), undefined)
  await logs.close()
})

const reader = { offset: 0, isolation: 'committed' } as const
const fromStart = { offset: 0, maxBytes: 1_000_000, atLeastOne: true, isolation: 'committed' } as const

/** All that a view says. */
async function saidBy(view: PartitionView) {
  const { topic, partition, logStartOffset, highWatermark, lastStableOffset, logEndOffset, leaderEpoch } = view
  const { health, isReadable, size } = view
  const epochs = [-1, leaderEpoch - 1, leaderEpoch, leaderEpoch + 1]
  return {
    ...{ topic, partition, logStartOffset, highWatermark, lastStableOffset, logEndOffset, leaderEpoch },
    ...{ health, isReadable, size, producers: [...view.producers.producers] },
    reads: await Promise.all([-1, 0, 1].map((offset) => view.read({ ...fromStart, offset }))),
    uncommitted: await view.read({ ...fromStart, isolation: 'uncommitted' }),
    waiting: [view.waiting(reader), view.guessWaiting(reader), await view.lookForWaiting(reader)],
    ends: epochs.map((epoch) => view.endOffsetForEpoch(epoch)),
    epochs: [0, 1].map((offset) => view.epochOfOffset(offset)),
    times: [await view.offsetForTimestamp(0), await view.offsetOfMaxTimestamp()],
  }
}

test('who only looks at a partition that was never written to sees what its log would say, and opens none', async () => {
  const logs = await open(new MemoryStorage(new StillClock()))
  const view = logs.view('orders', 2)!
  const said = await saidBy(view)
  assert.equal(logs.opened('orders', 2), undefined)
  assert.deepEqual(said, await saidBy(logs.get('orders', 2)!))
  await logs.close()
})

test('who has looked before anything was written sees what is written', async () => {
  const logs = await open(new MemoryStorage(new StillClock()))
  const view = logs.view('orders', 2)!
  await logs.get('orders', 2)?.append(batch(), byClient)
  assert.deepEqual(await saidBy(view), await saidBy(logs.view('orders', 2)!))
  assert.equal(view.highWatermark, 1)
  await logs.close()
})

test('who waits for a partition that was never written to hears of the first record, and then of others, until it stops', async () => {
  const logs = await open(new MemoryStorage(new StillClock()))
  const view = logs.view('orders', 2)!
  const seen = { before: 0, other: 0, stopped: 0, behind: 0 }
  const listen = (who: keyof typeof seen) => view.onChange(() => void seen[who]++)
  const stop = listen('before')
  listen('stopped')()
  listen('other')
  assert.equal(logs.opened('orders', 2), undefined)
  await logs.get('orders', 2)?.append(batch(), byClient)
  const { before } = seen
  listen('behind')
  assert.ok(before > 0 && seen.other === before)
  stop()
  await logs.get('orders', 2)?.append(batch(), byClient)
  assert.equal(seen.before, before)
  assert.ok(seen.other > before && seen.behind > 0)
  assert.equal(seen.stopped, 0)
  await logs.close()
})

for (const [how, end] of [
  ['led elsewhere', (logs: StartedLogs) => logs.lose('orders', 2)],
  ['deleted', (logs: StartedLogs) => logs.delete('orders')],
  ['of another topic', (logs: StartedLogs) => logs.create({ ...orders, id: 'AAAAAAAAAAAAAAAAAAAAAg' }, [0])],
  ['closed', (logs: StartedLogs) => logs.close()],
] as const)
  test(`who waits for a partition that was never written to is told when it is ${how}`, async () => {
    const logs = await open(new MemoryStorage(new StillClock()))
    const view = logs.view('orders', 2)!
    let isTold = false
    view.onChange(() => {
      isTold = true
    })
    await end(logs)
    assert.ok(isTold)
    assert.equal((await view.read(fromStart)).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
    assert.equal(logs.view('orders', 2), undefined)
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
