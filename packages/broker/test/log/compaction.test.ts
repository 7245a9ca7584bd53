import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  batchBaseOffset,
  batchDeleteHorizon,
  batchesOf,
  batchIsControl,
  batchIsTransactional,
  batchNextOffset,
  batchProducerId,
  batchRecordCount,
  controlRecordOf,
  readRecords,
} from '@rivven/protocol'
import { compactLog } from '../../src/log/cleaning/compaction.js'
import type { TopicLogConfig } from '../../src/log/logs.js'
import { engines } from './engines.js'
import { batchOf, marker, type OnePartition, sequenced } from './log-fixture.js'

const compacted: Partial<TopicLogConfig> = {
  cleanupPolicy: { compact: true, delete: false },
  segmentBytes: 200,
  minCleanableDirtyRatio: 0,
  deleteRetentionMs: 1000,
}

/** Closes the segment that takes appends, as compaction leaves it alone. */
async function close(part: OnePartition): Promise<void> {
  part.log.roll()
  await part.append(batchOf(['last=1']))
}

async function batches(part: OnePartition): Promise<Buffer[]> {
  const all: Buffer[] = []
  for (let offset = part.log.logStartOffset; offset < part.log.highWatermark; ) {
    const { records } = await part.read(offset)
    all.push(...records.flatMap((buffer) => [...batchesOf(buffer)]))
    offset = batchNextOffset(all.at(-1)!)
  }
  return all
}

/** Numbers below `bound`, the same for each seed. */
function seeded(seed: number): (bound: number) => number {
  let state = seed | 0
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 16) % bound
  }
}

/** The last committed value of each key, as a reader from the start with read_committed makes it of each answer. */
async function committedMap(part: OnePartition): Promise<Map<string, string>> {
  const values = new Map<string, string>()
  for (let offset = part.log.logStartOffset; offset < part.log.lastStableOffset; ) {
    const { records, abortedTransactions } = await part.read(offset, { isolation: 'committed', maxBytes: 300 })
    const waiting = [...(abortedTransactions ?? [])].sort((a, b) => a.firstOffset - b.firstOffset)
    const aborted = new Set<number>()
    for (const batch of records.flatMap((buffer) => [...batchesOf(buffer)])) {
      offset = Math.max(offset, batchNextOffset(batch))
      while (waiting[0] && waiting[0].firstOffset < batchNextOffset(batch)) aborted.add(waiting.shift()!.producerId)
      if (batchIsControl(batch)) {
        if (controlRecordOf(batch)?.type === 'ABORT') aborted.delete(batchProducerId(batch))
      } else if (!batchIsTransactional(batch) || !aborted.has(batchProducerId(batch))) {
        for (const { key, value, hasValue } of readRecords(batch)) {
          if (hasValue) values.set(String(key), String(value))
          else values.delete(String(key))
        }
      }
    }
  }
  return values
}

for (const engine of engines) {
  test(`${engine.name}: what is older than max.compaction.lag.ms is compacted, however little it is`, async () => {
    const part = await engine.partition({
      ...compacted,
      segmentBytes: 1_000_000,
      minCleanableDirtyRatio: 1,
      maxCompactionLagMs: 1000,
    })
    const start = part.clock.time
    await part.append(batchOf(['old=1'], {}, start))
    await close(part)
    await part.logs.clean()
    // Most of the log is clean now: what follows would never reach the ratio.
    for (const record of ['a=1', 'a=2']) await part.append(batchOf([record], {}, start))
    const isThere = async () => (await part.contents()).some((line) => line.endsWith('a=1'))
    await part.append(batchOf(['b=1'], {}, start + 1000))
    part.clock.time = start + 1000
    await part.logs.clean()
    assert.ok(await isThere())
    await part.append(batchOf(['b=2'], {}, start + 1001))
    part.clock.time = start + 1001
    await part.logs.clean()
    assert.ok(!(await isThere()))
    await part.logs.close()
  })

  test(`${engine.name}: of each key the last record stays at its offset, also after a restart`, async () => {
    const part = await engine.partition(compacted)
    for (let round = 0; round < 20; round++) await part.append(batchOf([`a=${round}`, `b=${round}`, `c${round}=x`]))
    await close(part)
    await part.logs.clean()
    const kept = await part.contents()
    const firstOfEach = Array.from({ length: 19 }, (_, round) => `${round * 3 + 2} c${round}=x`)
    assert.deepEqual(kept, [...firstOfEach, '57 a=19', '58 b=19', '59 c19=x', '60 last=1'])
    await part.restart()
    assert.deepEqual(await part.contents(), kept)
    assert.deepEqual(await part.contents(30), kept.slice(10))
    assert.equal((await part.append(batchOf(['d=1']))).baseOffset, 61)
    await part.logs.close()
  })

  test(`${engine.name}: what an earlier pass removed does not come back with a later one`, async () => {
    const part = await engine.partition(compacted)
    for (const record of ['a=1', 'a=2', 'b=1', 'b=2']) await part.append(batchOf([record]))
    await close(part)
    await part.logs.clean()
    for (const record of ['c=1', 'c=2', 'd=1']) await part.append(batchOf([record]))
    await close(part)
    await part.logs.clean()
    assert.deepEqual(await part.contents(), ['1 a=2', '3 b=2', '4 last=1', '6 c=2', '7 d=1', '8 last=1'])
    await part.logs.close()
  })

  test(`${engine.name}: a tombstone stays until its horizon, then goes with the next pass`, async () => {
    const part = await engine.partition(compacted)
    for (const record of ['a=1', 'b=1', 'a']) await part.append(batchOf([record]))
    await close(part)
    await part.logs.clean()
    assert.deepEqual(await part.contents(), ['1 b=1', '2 a=null', '3 last=1'])
    const horizon = (await batches(part)).map((batch) => batchDeleteHorizon(batch)).find((each) => each !== undefined)
    assert.equal(horizon, part.clock.time + 1000)
    part.clock.time += 1000
    await close(part)
    await part.logs.clean()
    assert.ok((await part.contents()).includes('2 a=null'))
    part.clock.time += 1
    await close(part)
    await part.logs.clean()
    assert.ok(!(await part.contents()).some((line) => line.includes('a=')))
    await part.logs.close()
  })

  test(`${engine.name}: the last batch of a producer stays, empty, and with it the sequence`, async () => {
    const part = await engine.partition({ ...compacted, segmentBytes: 1000 })
    for (let sequence = 0; sequence < 3; sequence++) await part.append(sequenced(7, 0, sequence))
    for (let index = 0; index < 3; index++) await part.append(batchOf([`k${index}=new`]))
    await close(part)
    await part.logs.clean()
    assert.deepEqual(await part.contents(), ['3 k0=new', '4 k1=new', '5 k2=new', '6 last=1'])
    assert.deepEqual(
      (await batches(part)).map((batch) => batchRecordCount(batch)),
      [0, 1, 1, 1, 1],
    )
    await part.restart()
    assert.equal((await part.append(sequenced(7, 0, 2))).baseOffset, 2)
    assert.equal((await part.append(sequenced(7, 0, 3))).errorCode, 0)
    await part.logs.close()
  })

  test(`${engine.name}: data of aborted transactions goes, that of committed ones stays`, async () => {
    const part = await engine.partition({ ...compacted, segmentBytes: 10_000 })
    const inTransaction = (record: string, producerId: number, baseSequence: number) =>
      batchOf([record], { producerId, producerEpoch: 0, baseSequence, isTransactional: true })
    await part.append(batchOf(['a=before']))
    await part.append(inTransaction('a=aborted', 7, 0))
    await part.append(inTransaction('b=committed', 8, 0))
    await part.appendOwn(marker('ABORT', 7))
    await part.appendOwn(marker('COMMIT', 8))
    await close(part)
    await part.logs.clean()
    assert.deepEqual(await part.contents(), ['0 a=before', '2 b=committed', '5 last=1'])
    await part.logs.close()
  })

  test(`${engine.name}: a marker stays with the data that it decides on, and its readers' time after that`, async () => {
    const part = await engine.partition({ ...compacted, segmentBytes: 10_000 })
    const write = (record: string, producerId: number, baseSequence: number) =>
      part.append(batchOf([record], { producerId, producerEpoch: 0, baseSequence, isTransactional: true }))
    const markersAt = async () =>
      (await batches(part))
        .filter((batch) => batchIsControl(batch) && batchRecordCount(batch) > 0)
        .map((batch) => batchBaseOffset(batch))
    const pass = async (ms: number) => {
      part.clock.time += ms
      await close(part)
      await part.logs.clean()
    }
    await write('a=1', 7, 0)
    await part.appendOwn(marker('COMMIT', 7)) // 1
    await write('b=1', 8, 0)
    await part.appendOwn(marker('ABORT', 8)) // 3
    await pass(0)
    assert.deepEqual(await markersAt(), [1, 3])
    await pass(1_001)
    assert.deepEqual(await markersAt(), [1], 'that of the committed data')
    await pass(100_000)
    assert.deepEqual(await markersAt(), [1])
    await part.append(batchOf(['a=2']))
    await pass(0)
    assert.deepEqual(await markersAt(), [1], 'its time runs from now on')
    await part.restart()
    await pass(1_001)
    assert.deepEqual(await markersAt(), [])
    await part.restart()
    assert.equal(part.log.lastStableOffset, part.log.highWatermark)
    assert.equal((await write('c=1', 7, 1)).errorCode, 0)
    assert.equal((await write('c=1', 8, 1)).errorCode, 0)
    await part.logs.close()
  })

  test(`${engine.name}: readers of committed records see the same before and after every pass`, async () => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    const next = seeded(seed)
    const part = await engine.partition({ ...compacted, segmentBytes: 400 })
    const sequences = new Map<number, number>()
    const isOpen = new Set<number>()
    for (let step = 0; step < 150; step++) {
      const producerId = 1 + next(3)
      const baseSequence = sequences.get(producerId) ?? 0
      const key = `k${next(6)}`
      const record = next(5) === 0 ? key : `${key}=${step}`
      if (next(4) === 0) await part.append(batchOf([record]))
      else if (isOpen.has(producerId) && next(2) === 0) {
        await part.appendOwn(marker(next(2) === 0 ? 'COMMIT' : 'ABORT', producerId))
        isOpen.delete(producerId)
      } else {
        await part.append(batchOf([record], { producerId, producerEpoch: 0, baseSequence, isTransactional: true }))
        sequences.set(producerId, baseSequence + 1)
        isOpen.add(producerId)
      }
      if (next(12) !== 0) continue
      const before = await committedMap(part)
      const stableOffset = part.log.lastStableOffset
      part.clock.time += next(2) * 600
      await part.logs.clean()
      if (next(3) === 0) await part.restart()
      assert.deepEqual(await committedMap(part), before, `seed ${seed}, step ${step}`)
      assert.equal(part.log.lastStableOffset, stableOffset, `seed ${seed}, step ${step}`)
    }
    await part.logs.close()
  })

  test(`${engine.name}: aborted transactions are forgotten when their data is gone`, async () => {
    const part = await engine.partition({ ...compacted, segmentBytes: 10_000 })
    for (let baseSequence = 0; baseSequence < 10; baseSequence++) {
      const options = { producerId: 7, producerEpoch: 0, baseSequence, isTransactional: true }
      await part.append(batchOf(['a=aborted'], options))
      await part.appendOwn(marker('ABORT', 7))
    }
    await close(part)
    await part.logs.clean()
    await close(part)
    await part.logs.clean()
    assert.equal(part.log.state.aborted.all.length, 0)
    await part.restart()
    assert.equal(part.log.state.aborted.all.length, 0)
    assert.equal((await committedMap(part)).size, 1)
    await part.logs.close()
  })

  test(`${engine.name}: nothing at or behind an open transaction is cleaned`, async () => {
    const part = await engine.partition(compacted)
    for (const record of ['a=1', 'a=2']) await part.append(batchOf([record]))
    await close(part)
    await part.append(batchOf(['b=1'], { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true }))
    for (const record of ['c=1', 'c=2']) await part.append(batchOf([record]))
    await close(part)
    await part.logs.clean()
    assert.deepEqual(await part.contents(), ['1 a=2', '2 last=1', '3 b=1', '4 c=1', '5 c=2', '6 last=1'])
    await part.logs.close()
  })

  test(`${engine.name}: a segment is left alone until its records are old enough`, async () => {
    const part = await engine.partition({ ...compacted, minCompactionLagMs: 5000 })
    for (const record of ['a=1', 'a=2']) await part.append(batchOf([record]))
    await close(part)
    await part.logs.clean()
    assert.equal((await part.contents()).length, 3)
    part.clock.time += 5000
    await part.logs.clean()
    assert.equal((await part.contents()).length, 2)
    await part.logs.close()
  })

  test(`${engine.name}: when the memory for keys is full, a later pass does the rest`, async () => {
    const part = await engine.partition({ ...compacted, segmentBytes: 100_000 })
    for (let round = 0; round < 3; round++) {
      for (let key = 0; key < 10; key++) await part.append(batchOf([`k${key}=${round}`]))
    }
    await close(part)
    const expected = [...Array.from({ length: 10 }, (_, key) => `${20 + key} k${key}=2`), '30 last=1']
    for (let pass = 0; pass < 20; pass++) {
      await compactLog(part.log, part.clock, 300)
      const contents = await part.contents()
      for (const line of expected) assert.ok(contents.includes(line), `${line} is lost in pass ${pass}`)
    }
    await part.logs.close()
  })

  test(`${engine.name}: records are read while their segments are being replaced`, async () => {
    const part = await engine.partition(compacted)
    for (let round = 0; round < 30; round++) await part.append(batchOf([`a=${round}`, `b${round}=x`]))
    await close(part)
    let isDone = false
    const cleaning = part.logs.clean().then(() => {
      isDone = true
    })
    while (!isDone) {
      const contents = await part.contents()
      for (let round = 0; round < 30; round++) assert.ok(contents.includes(`${round * 2 + 1} b${round}=x`))
      await new Promise(setImmediate)
    }
    await cleaning
    await part.logs.close()
  })
}
