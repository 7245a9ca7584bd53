import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Fault, FaultyWire } from '../../database/faulty-wire.js'
import { appendDurably } from '../stored-partition.js'
import { TwoBrokers } from './two-brokers.js'

const MANY = 100

/** Partitions that broker 1 has written to. */
async function written(): Promise<TwoBrokers> {
  const brokers = await TwoBrokers.start(MANY)
  const storage = brokers.storage()
  for (let partition = 0; partition < MANY; partition++) {
    await appendDurably(await brokers.open(storage, partition))
  }
  return brokers
}

test('partitions that open in one turn are asked for with one call, and read a few at a time', async () => {
  const brokers = await written()
  const wire = new FaultyWire()
  const storage = brokers.storage(wire)
  const release = wire.hold()
  const opened = Promise.all(Array.from({ length: MANY }, (_, partition) => brokers.open(storage, partition)))
  const asked = (call: string) => wire.calls.filter((one) => one === call).length
  await turns()
  assert.deepEqual([asked('load'), asked('heads')], [1, 0])
  release()
  const again = wire.hold()
  await turns()
  assert.deepEqual([asked('load'), asked('heads')], [1, 16])
  again()
  const ends = (await opened).map(({ store }) => store.endOffset)
  assert.deepEqual([new Set(ends), asked('load'), asked('heads')], [new Set([1]), 1, MANY])
})

test('what is read of what was opened before all was given up waits for no database; what is opened then does', async () => {
  const brokers = await written()
  const wire = new FaultyWire()
  const storage = brokers.storage(wire)
  const opened = async () => {
    const { store } = await brokers.open(storage)
    return { all: { offset: 0, endOffset: 1, maxBytes: 1_000, atLeastOne: true }, store }
  }
  const before = await opened()
  wire.next('read', ...Array<Fault>(100).fill('away'))
  const waiting = assert.rejects(async () => before.store.read(before.all), /away/)
  await turns()
  assert.ok(wire.calls.filter((call) => call === 'read').length > 1)
  storage.giveUp()
  await waiting
  await assert.rejects(async () => before.store.read(before.all), /away/)
  const after = await opened()
  assert.equal((await after.store.read(after.all)).nextOffset, 1)
})

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}
