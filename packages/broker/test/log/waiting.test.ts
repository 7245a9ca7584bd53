import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Waiting } from '../../src/log/arrival/waiting.js'
import { compactLog } from '../../src/log/cleaning/compaction.js'
import { engines } from './engines.js'
import { batchOf, marker, type OnePartition } from './log-fixture.js'

const begin = 1_700_000_000_000

/** At so many ms after the begin, a batch of an honest producer. */
async function produce(part: OnePartition, ms: number, records = ['a=1'], options: Parameters<typeof batchOf>[1] = {}) {
  part.clock.time = begin + ms
  await part.append(batchOf(records, options, begin + ms))
}

async function transactional(part: OnePartition, ms: number, baseSequence = 0, producerId = 7) {
  await produce(part, ms, ['t=1'], { producerId, producerEpoch: 0, baseSequence, isTransactional: true })
}

async function end(part: OnePartition, ms: number, type: 'COMMIT' | 'ABORT', producerId = 7) {
  part.clock.time = begin + ms
  await part.appendOwn(marker(type, producerId))
}

/** When the batch came that a reader waits for, in ms after the begin; 'nothing'. */
async function waits(part: OnePartition, offset: number, isolation: 'committed' | 'uncommitted' = 'uncommitted') {
  const looked = told(await part.log.lookForWaiting({ offset, isolation }))
  const known = part.log.waiting({ offset, isolation })
  // From memory it is known to half a second, or not at all.
  if (known) {
    const quick = told(known)
    if (quick === 'nothing' || looked === 'nothing') assert.equal(quick, looked)
    else assert.ok(Math.abs(quick - looked) <= 500, `${quick} is not ${looked}`)
  }
  return looked
}

function told(waiting: Waiting): number | 'nothing' {
  return waiting.kind === 'nothing' ? 'nothing' : waiting.arrival.at - begin
}

for (const engine of engines) {
  test(`${engine.name}: who has read everything waits for nothing, who has not for the batch at its offset`, async () => {
    const part = await engine.partition()
    assert.equal(await waits(part, 0), 'nothing')
    await produce(part, 0)
    await produce(part, 100)
    await produce(part, 5_000)
    assert.deepEqual([await waits(part, 0), await waits(part, 1), await waits(part, 2)], [0, 100, 5_000])
    assert.equal(await waits(part, 3), 'nothing')
    assert.equal(await waits(part, 9), 'nothing')
    await part.logs.close()
  })

  test(`${engine.name}: records of a batch came together`, async () => {
    const part = await engine.partition()
    await produce(part, 0, ['a=1', 'b=1', 'c=1'])
    await produce(part, 2_000)
    assert.deepEqual([await waits(part, 1), await waits(part, 2), await waits(part, 3)], [0, 0, 2_000])
    await part.logs.close()
  })

  test(`${engine.name}: where records were removed the first of those that are left waits`, async () => {
    const part = await engine.partition()
    for (const ms of [0, 2_000, 4_000]) await produce(part, ms)
    await part.log.deleteRecordsBefore(2)
    assert.equal(await waits(part, 0), 4_000)
    await part.logs.close()
  })

  test(`${engine.name}: markers hold nobody up`, async () => {
    const part = await engine.partition()
    await transactional(part, 0)
    await end(part, 100, 'COMMIT')
    assert.equal(await waits(part, 1), 'nothing')
    assert.equal(await waits(part, 1, 'committed'), 'nothing')
    await produce(part, 60_000)
    assert.equal(await waits(part, 1), 60_000)
    await part.restart()
    assert.equal(await waits(part, 1), 60_000)
    assert.equal(await waits(part, 0), 0)
    await part.logs.close()
  })

  test(`${engine.name}: aborted records hold up who reads all, and nobody else`, async () => {
    const part = await engine.partition()
    await transactional(part, 0)
    await transactional(part, 1_000, 1)
    await end(part, 2_000, 'ABORT')
    assert.equal(await waits(part, 0), 0)
    assert.equal(await waits(part, 0, 'committed'), 'nothing')
    await transactional(part, 9_000, 2)
    await end(part, 9_100, 'COMMIT')
    assert.equal(await waits(part, 0, 'committed'), 9_000)
    await part.restart()
    assert.equal(await waits(part, 0, 'committed'), 9_000)
    await part.logs.close()
  })

  test(`${engine.name}: an open transaction holds back who reads committed records`, async () => {
    const part = await engine.partition()
    await produce(part, 0)
    await transactional(part, 1_000)
    await produce(part, 2_000)
    assert.equal(await waits(part, 1, 'committed'), 'nothing')
    assert.equal(await waits(part, 1), 1_000)
    assert.equal(await waits(part, part.log.lastStableOffset), 1_000)
    assert.equal(await waits(part, 0, 'committed'), 0)
    await part.logs.close()
  })

  test(`${engine.name}: what compaction has removed holds nobody up`, async () => {
    const part = await engine.partition({
      cleanupPolicy: { compact: true, delete: false },
      segmentBytes: 200,
      minCleanableDirtyRatio: 0,
    })
    await produce(part, 0, ['a=1', 'b=1', 'a=2'])
    await produce(part, 2_000, ['a=3'])
    await produce(part, 4_000, ['c=1'])
    part.log.roll()
    await produce(part, 6_000, ['z=1'])
    await compactLog(part.log, part.clock)
    assert.deepEqual(await part.contents(), ['1 b=1', '3 a=3', '4 c=1', '5 z=1'])
    assert.equal(await waits(part, 1), 0)
    assert.equal(await waits(part, 2), 2_000)
    assert.equal(await waits(part, 4), 4_000)
    await part.restart()
    part.clock.time += 60_000
    assert.equal(await waits(part, 2), 2_000)
    await part.logs.close()
  })

  test(`${engine.name}: the clock of the broker counts, and a producer's where it does not contradict that`, async () => {
    const part = await engine.partition()
    part.clock.time = begin
    await part.append(batchOf(['a=1'], {}, begin))
    part.clock.time = begin + 600
    for (const timestamp of [begin + 500, begin - 1e9, begin + 3_000_000, -1]) {
      await part.append(batchOf(['a=1'], {}, timestamp))
    }
    const found = []
    for (const offset of [0, 1, 2, 3, 4]) found.push(await waits(part, offset))
    // Honest, of long ago, in the future, without.
    assert.deepEqual(found, [0, 500, 0, 600, 600])
    await part.logs.close()
  })

  test(`${engine.name}: after a clean restart all is known that was known before`, async () => {
    const part = await engine.partition()
    for (let second = 0; second < 20; second++) await produce(part, second * 1_000)
    await part.restart()
    part.clock.time += 3_600_000
    await produce(part, 3_700_000)
    for (let offset = 0; offset < 20; offset++) assert.equal(await waits(part, offset), offset * 1_000)
    assert.equal(await waits(part, 20), 3_700_000)
    await part.logs.close()
  })
}
