import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frameBuffers } from '../../../src/frame-buffers.js'
import { FaultyWire } from '../../database/faulty-wire.js'
import { append, appendDurably, batchAt, readFrom } from '../stored-partition.js'
import { TwoBrokers } from './two-brokers.js'

test('what comes while a statement is under way goes with the next one, of all partitions of the lane', async () => {
  const brokers = await TwoBrokers.start(2)
  const wire = new FaultyWire()
  const storage = brokers.storage(wire)
  const [one, two] = [await brokers.open(storage, 0), await brokers.open(storage, 1)]
  await appendDurably(one)
  const release = wire.hold()
  append(one.store)
  await turn()
  for (const { store } of [one, two, one, two]) append(store)
  assert.deepEqual(one.owner.durable_, [1])
  release()
  await until(() => two.owner.durable_.length > 0)
  assert.deepEqual([one.owner.durable_, two.owner.durable_], [[1, 2, 4], [2]])
  assert.equal(wire.calls.filter((call) => call === 'append').length, 3)
})

test('what is stored is durable first, then written: so the high watermark moves once', async () => {
  const brokers = await TwoBrokers.start()
  const part = await brokers.open(brokers.storage())
  const told: string[] = []
  part.owner.durable = () => told.push('durable')
  part.owner.written = () => told.push('written')
  await appendDurably(part)
  assert.deepEqual(told, ['durable', 'written'])
})

for (const faults of [['unheard'], ['unanswered'], ['unanswered', 'unanswered'], ['away', 'away'], ['late']] as const) {
  test(`an append that is ${faults.join(', then ')} is stored once, and told of once`, async () => {
    const brokers = await TwoBrokers.start()
    const wire = new FaultyWire()
    const part = await brokers.open(brokers.storage(wire))
    wire.next('append', ...faults)
    append(part.store)
    append(part.store)
    await appendDurably(part)
    await appendDurably(part)
    wire.arriveLate()
    assert.deepEqual([part.owner.durable_, part.owner.failures], [[3, 4], []])
    assert.deepEqual(await readFrom(part.store, 0), ['0-0', '1-1', '2-2', '3-3'])
    await brokers.move(0, 2)
    const next = await brokers.open(brokers.storage())
    assert.deepEqual(next.owner.replayed, ['0-0', '1-1', '2-2', '3-3'])
  })
}

test('the question what was stored is repeated, too', async () => {
  const brokers = await TwoBrokers.start()
  const wire = new FaultyWire()
  const part = await brokers.open(brokers.storage(wire))
  wire.next('append', 'unanswered')
  wire.next('stored', 'unheard', 'away')
  await appendDurably(part)
  assert.deepEqual([part.owner.durable_, part.owner.failures], [[1], []])
})

for (const fault of ['unheard', 'unanswered'] as const) {
  test(`of an append that is ${fault}, what was moved before it is repeated is lost, and the rest is not`, async () => {
    const brokers = await TwoBrokers.start(2)
    const wire = new FaultyWire()
    const storage = brokers.storage(wire)
    const [stays, goes] = [await brokers.open(storage, 0), await brokers.open(storage, 1)]
    wire.next('append', fault)
    append(stays.store)
    append(goes.store)
    await turn()
    await brokers.move(1, 2)
    await until(() => goes.owner.failures.length > 0)
    assert.deepEqual([goes.owner.failures, goes.owner.durable_], [['lost'], []], 'nobody can say that it is stored')
    assert.deepEqual([stays.owner.failures, stays.owner.durable_], [[], [1]])
    const next = await brokers.open(brokers.storage(), 1)
    assert.equal(next.store.endOffset, fault === 'unheard' ? 0 : 1, 'the next leader has all that arrived')
  })
}

test('a store whose term is over takes nothing, and says so once; all that waits is dropped', async () => {
  const brokers = await TwoBrokers.start()
  const { store, owner } = await brokers.open(brokers.storage(undefined, { queueMaxBytes: 200 }))
  await brokers.move(0, 2)
  for (let count = 0; count < 5; count++) append(store)
  assert.ok(store.isFull)
  const checkpoint = assert.rejects(store.checkpoint(0, Buffer.from('x')), { name: 'TermOverError' })
  await checkpoint
  assert.deepEqual([owner.failures, owner.durable_, store.isFull], [['lost'], [], false])
  append(store)
  await assert.rejects(store.checkpoint(0, Buffer.from('x')), { name: 'TermOverError' })
  assert.deepEqual(owner.failures, ['lost'])
  const next = await brokers.open(brokers.storage())
  assert.deepEqual([next.store.endOffset, next.owner.restored?.state], [0, undefined])
})

test('a checkpoint, a removal and a rewrite find out that the term is over, too', async () => {
  for (const work of ['checkpoint', 'remove', 'rewrite'] as const) {
    const brokers = await TwoBrokers.start()
    const part = await brokers.open(brokers.storage())
    await appendDurably(part)
    part.store.roll(Buffer.from('rolled'))
    await appendDurably(part)
    const rewrite = await part.store.rewrite(0, 1)
    await brokers.move(0, 2)
    const done = {
      checkpoint: () => part.store.checkpoint(0, Buffer.from('late')),
      remove: () => part.store.removeSegmentsBefore(1),
      rewrite: () => rewrite.commit(),
    }
    await assert.rejects(done[work](), { name: 'TermOverError' })
    assert.deepEqual(part.owner.failures, ['lost'])
    const next = await brokers.open(brokers.storage())
    assert.equal(next.owner.restored?.state, 'rolled')
    assert.deepEqual(await readFrom(next.store, 0), ['0-0', '1-1'])
  }
})

test('a partition that another broker leads cannot be opened', async () => {
  const brokers = await TwoBrokers.start()
  const storage = brokers.storage()
  const key = { topic: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partition: 0 }
  await brokers.move(0, 2)
  const { owner } = await brokers.open(brokers.storage())
  await assert.rejects(storage.openPartition(key, 0, owner), { name: 'TermOverError' })
})

test('a store is full while more waits than may, and takes more when that is stored', async () => {
  const brokers = await TwoBrokers.start()
  const wire = new FaultyWire()
  const part = await brokers.open(brokers.storage(wire, { queueMaxBytes: 200 }))
  const release = wire.hold()
  append(part.store)
  assert.equal(part.store.isFull, false)
  append(part.store, 20)
  assert.ok(part.store.isFull)
  release()
  await appendDurably(part)
  assert.equal(part.store.isFull, false)
})

test('a store that is abandoned during an outage waits for nothing, and its bytes stay what they were', async () => {
  const brokers = await TwoBrokers.start(2)
  const wire = new FaultyWire()
  const storage = brokers.storage(wire)
  const [one, two] = [await brokers.open(storage, 0), await brokers.open(storage, 1)]
  const frame = frameBuffers.take(1000)
  const size = batchAt(0, ['a=1']).copy(frame)
  wire.next('append', 'unheard')
  one.store.append(frame.subarray(0, size), true)
  append(two.store)
  await turn()
  await one.store.abandon()
  assert.equal(frameBuffers.isLent(frame), false, 'the statement may be made again')
  await until(() => two.owner.durable_.length > 0)
  assert.deepEqual([one.owner.durable_, one.owner.failures], [[], []])
})

test('a statement that gets no answer holds up nobody but those whose batches it has', async () => {
  const brokers = await TwoBrokers.start(2)
  const wire = new FaultyWire()
  const storage = brokers.storage(wire)
  const hung = await brokers.open(storage, 0)
  await appendDurably(hung)
  const release = wire.hold()
  append(hung.store)
  await turn()
  const next = await brokers.open(brokers.storage(), 1)
  await hung.store.abandon()
  wire.letPass()
  const other = await brokers.open(storage, 1)
  await appendDurably(other)
  assert.deepEqual([other.owner.durable_, next.store.endOffset], [[1], 0])
  release()
  await turn()
  assert.deepEqual([hung.owner.durable_, hung.owner.failures], [[1], []])
})

test('an outage in the midst of an opening is waited for', async () => {
  const brokers = await TwoBrokers.start()
  const wire = new FaultyWire()
  const part = await brokers.open(brokers.storage())
  await appendDurably(part)
  wire.next('load', 'away', 'unheard')
  wire.next('heads', 'unheard')
  wire.next('read', 'away')
  const { store, owner } = await brokers.open(brokers.storage(wire))
  assert.deepEqual(owner.replayed, ['0-0'])
  assert.deepEqual(await readFrom(store, 0), ['0-0'])
})

test('an opening that is given up does not wait for the end of an outage', async () => {
  for (const call of ['load', 'heads']) {
    const brokers = await TwoBrokers.start()
    await appendDurably(await brokers.open(brokers.storage()))
    const wire = new FaultyWire()
    const storage = brokers.storage(wire)
    wire.next(call, ...Array<'away'>(100).fill('away'))
    const opening = assert.rejects(brokers.open(storage), { name: 'UnavailableError' })
    await until(() => wire.calls.filter((name) => name === call).length > 3)
    storage.giveUp()
    await opening
  }
})

test('partitions that are opened in one turn are loaded with one call', async () => {
  const brokers = await TwoBrokers.start(3)
  const wire = new FaultyWire()
  const storage = brokers.storage(wire)
  await Promise.all([0, 1, 2].map((partition) => brokers.open(storage, partition)))
  assert.deepEqual(wire.calls.filter((call) => call === 'load').length, 1)
})

test('ids that a restored database may give to others are not used', async () => {
  const brokers = await TwoBrokers.start()
  const wire = new FaultyWire()
  const storage = brokers.storage(wire)
  const part = await brokers.open(storage)
  await appendDurably(part)
  storage.forgetIds()
  wire.next('takeIds', 'away', 'unanswered')
  part.store.roll(Buffer.from('rolled'))
  await appendDurably(part)
  assert.equal(wire.calls.filter((call) => call === 'takeIds').length, 4)
  assert.deepEqual(part.owner.durable_, [1, 2])
})

test('a segment ends when its chunk is of its time, and batches keep their order over two chunks', async () => {
  const brokers = await TwoBrokers.start(2)
  const wire = new FaultyWire()
  const storage = brokers.storage(wire)
  const [part, other] = [await brokers.open(storage, 0), await brokers.open(storage, 1)]
  await appendDurably(part)
  const first = brokers.currentChunk
  assert.equal(part.store.wantsRoll, false)
  brokers.clock.time += 864_000_000 / 16
  assert.equal(part.store.wantsRoll, false, 'there is no other chunk yet')
  await brokers.sweep()
  assert.notEqual(brokers.currentChunk, first)
  assert.ok(part.store.wantsRoll)
  const release = wire.hold()
  append(part.store)
  part.store.roll(Buffer.from('rolled'))
  append(part.store)
  append(other.store)
  append(part.store)
  assert.equal(part.store.wantsRoll, false)
  release()
  await appendDurably(other)
  await appendDurably(part)
  const next = await brokers.open(brokers.storage())
  assert.deepEqual(next.owner.replayed.at(-1), '4-4')
  assert.deepEqual(await readFrom(next.store, 0), ['0-0', '1-1', '2-2', '3-3', '4-4'])
  assert.deepEqual(
    next.store.segments.map(({ baseOffset }) => baseOffset),
    [0, 2],
  )
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

async function until(isThere: () => boolean): Promise<void> {
  for (let turns = 0; !isThere(); turns++) {
    assert.ok(turns < 1000, `${isThere}`)
    await turn()
  }
}
