import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchBaseOffset } from '@rivven/protocol'
import { ReadAhead } from '../../../src/storage/shared/read-ahead.js'
import { TestClock } from '../../coordinator/test-clock.js'
import { FaultyWire } from '../../database/faulty-wire.js'
import { appendDurably } from '../stored-partition.js'
import { TwoBrokers } from './two-brokers.js'

async function partOf(batches: number) {
  const brokers = await TwoBrokers.start()
  const wire = new FaultyWire()
  const part = await brokers.open(brokers.storage(wire))
  for (let count = 0; count < batches; count++) await appendDurably(part)
  const reads = () => wire.calls.filter((call) => call === 'read').length
  const read = async (offset: number, maxBytes = 1) => {
    const { endOffset } = part.store
    const { buffers, nextOffset } = await part.store.read({ offset, endOffset, maxBytes, atLeastOne: true })
    return [...buffers.map((batch) => batchBaseOffset(batch as Buffer)), `next ${nextOffset}`]
  }
  return { part, reads, read }
}

test('whoever reads on gets what an earlier read brought too much; another place is asked for', async () => {
  const { reads, read } = await partOf(10)
  for (let offset = 0; offset < 10; offset++) assert.deepEqual(await read(offset), [offset, `next ${offset + 1}`])
  assert.equal(reads(), 1)
  assert.deepEqual(await read(3, 1_000_000), [3, 4, 5, 6, 7, 8, 9, 'next 10'])
  assert.equal(reads(), 2)
})

test('two readers at different places have what each of them goes on with', async () => {
  const { reads, read } = await partOf(10)
  for (let step = 0; step < 5; step++) {
    assert.deepEqual(await read(step), [step, `next ${step + 1}`])
    assert.deepEqual(await read(5 + step), [5 + step, `next ${6 + step}`])
  }
  assert.ok(reads() <= 2)
})

test('what has come since is found behind what was kept', async () => {
  const { part, reads, read } = await partOf(3)
  assert.deepEqual(await read(0), [0, 'next 1'])
  await appendDurably(part)
  assert.deepEqual(await read(1, 1_000_000), [1, 2, 'next 3'])
  assert.deepEqual(await read(3), [3, 'next 4'])
  assert.equal(reads(), 2)
})

test('who may take nothing is answered without the database, and who may take little gets no more', async () => {
  const { part, reads } = await partOf(3)
  const range = { offset: 0, endOffset: 3, maxBytes: 1_000_000 }
  const nothing = await part.store.read({ ...range, mayHold: 0, atLeastOne: false })
  assert.deepEqual([nothing.buffers.length, reads()], [0, 0])
})

test('nothing is kept of a partition whose segments have gone, or that is closed', async () => {
  const { part, reads, read } = await partOf(4)
  await read(0)
  part.store.roll(Buffer.from('state'))
  await appendDurably(part)
  await part.store.removeSegmentsBefore(4)
  assert.deepEqual(await read(1), [4, 'next 5'])
  assert.equal(reads(), 2)
})

test('over all partitions 32 MiB are kept for ten seconds, and four places of each', async () => {
  const clock = new TestClock()
  const ahead = new ReadAhead(clock)
  const [one, other] = [{}, {}]
  const batch = (offset: number) => {
    const bytes = Buffer.alloc(61)
    bytes.writeBigInt64BE(BigInt(offset))
    return bytes
  }
  const keep = (owner: object, fromOffset: number, held: number) =>
    ahead.keep(owner, { fromOffset, batches: [batch(fromOffset)], held })
  for (const offset of [0, 10, 20, 30, 40]) keep(one, offset, 1_000_000)
  assert.equal(ahead.bytes, 4_000_000)
  assert.equal(ahead.take(one, 0), undefined)
  keep(other, 0, 31_000_000)
  assert.equal(ahead.take(one, 10), undefined, 'there is no room for it')
  assert.ok(ahead.bytes <= 33_554_432)
  await clock.advance(10_001)
  keep(one, 50, 1)
  assert.equal(ahead.bytes, 1)
  ahead.forget(one)
  assert.equal(ahead.bytes, 0)
})
