import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchBaseOffset, batchesOf, batchNextOffset, buildBatch } from '@rivven/protocol'
import { chance } from '../chance.js'
import { engines } from './engines.js'
import type { OnePartition } from './log-fixture.js'

const SEEDS = [1, 2, 3, 4]
const TIME = 1_700_000_000_000

/** Timestamps by offset, and sizes of batches by base offset. */
interface Model {
  times: number[]
  batches: { baseOffset: number; nextOffset: number; size: number }[]
}

async function grow(part: OnePartition, model: Model, draw: (below: number) => number): Promise<void> {
  const appends: Promise<unknown>[] = []
  for (let count = draw(60); count > 0; count--) {
    const times = Array.from({ length: 1 + draw(4) }, () => TIME + draw(1000) * 10)
    const records = times.map((timestamp) => ({
      value: Buffer.alloc(draw(10) === 0 ? draw(9000) : draw(60)),
      timestamp,
    }))
    const batch = buildBatch({ records })
    const baseOffset = model.times.length
    model.times.push(...times)
    model.batches.push({ baseOffset, nextOffset: model.times.length, size: batch.length })
    appends.push(part.append(batch, draw(2) === 0 ? 1 : -1))
  }
  await Promise.all(appends)
}

async function checkRead(part: OnePartition, model: Model, draw: (below: number) => number): Promise<void> {
  const offset = draw(model.times.length)
  const maxBytes = draw(20_000)
  const { records, size } = await part.read(offset, { maxBytes })
  const batches = records.flatMap((buffer) => [...batchesOf(buffer)])
  const first = model.batches.findIndex(({ nextOffset }) => nextOffset > offset)
  assert.ok(batches.length >= 1 && (size <= maxBytes || batches.length === 1))
  for (const [index, batch] of batches.entries()) {
    const { baseOffset, nextOffset, size: expected } = model.batches[first + index]!
    assert.deepEqual([batchBaseOffset(batch), batchNextOffset(batch), batch.length], [baseOffset, nextOffset, expected])
  }
}

async function checkTime(part: OnePartition, model: Model, draw: (below: number) => number): Promise<void> {
  const timestamp = TIME + draw(10_100)
  const start = part.log.logStartOffset
  const expected = model.times.findIndex((time, offset) => time >= timestamp && offset >= start)
  assert.equal((await part.log.offsetForTimestamp(timestamp))?.offset ?? -1, expected)
}

for (const engine of engines) {
  for (const seed of SEEDS) {
    test(`${engine.name}: random appends, restarts and reads agree with a list (seed ${seed})`, async () => {
      const draw = chance(seed)
      const part = await engine.partition({ segmentBytes: 20_000 + draw(100_000) })
      const model: Model = { times: [], batches: [] }
      for (let round = 0; round < 12; round++) {
        await grow(part, model, draw)
        if (draw(4) === 0) await part.restart()
        assert.equal(part.log.highWatermark, model.times.length)
        if (model.times.length === 0) continue
        for (let reads = 0; reads < 15; reads++) await checkRead(part, model, draw)
        for (let lookups = 0; lookups < 5; lookups++) await checkTime(part, model, draw)
        const largest = Math.max(...model.times)
        const found = await part.log.offsetOfMaxTimestamp()
        assert.deepEqual([found?.timestamp, found?.offset], [largest, model.times.indexOf(largest)])
      }
      await part.logs.close()
    })
  }
}
