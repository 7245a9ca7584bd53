import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expiredSegments } from '../../src/log/cleaning/retention.js'
import type { SegmentInfo } from '../../src/storage/storage.js'
import { engines } from './engines.js'
import { batchOf, type OnePartition } from './log-fixture.js'
import { topicConfig } from './record-vectors.js'

const BATCH = batchOf(['k0=v']).length
const HOUR = 3_600_000
const START = 1_700_000_000_000

function segment(baseOffset: number, size: number, maxTimestamp: number): SegmentInfo {
  const times = { firstTimestamp: maxTimestamp, maxTimestamp, maxTimestampOffset: baseOffset }
  return { baseOffset, nextOffset: baseOffset + 10, size, ...times, createdAt: 0, modifiedAt: 500, isDamaged: false }
}

function expired(segments: SegmentInfo[], config: Parameters<typeof topicConfig>[0], changes = {}): number {
  const size = segments.reduce((sum, each) => sum + each.size, 0)
  const facts = { segments, size, logStartOffset: 0, highWatermark: 1000, now: 1000, ...changes }
  return expiredSegments(facts, topicConfig({ retentionMs: -1, retentionBytes: -1, ...config }))
}

test('segments go by age from the oldest on, up to the first that is young enough', () => {
  const segments = [segment(0, 10, 100), segment(10, 10, 900), segment(20, 10, 100)]
  assert.equal(expired(segments, { retentionMs: 500 }), 1)
  assert.equal(expired(segments, { retentionMs: 50 }), 3)
  assert.equal(expired(segments, { retentionMs: 900 }), 0)
  assert.equal(expired(segments, { retentionMs: -1 }), 0)
})

test('a segment without timestamps is as old as its last append', () => {
  assert.equal(expired([segment(0, 10, -1)], { retentionMs: 499 }), 1)
  assert.equal(expired([segment(0, 10, -1)], { retentionMs: 501 }), 0)
})

test('segments go by size as long as what is left is not below the limit', () => {
  const segments = [segment(0, 10, 1000), segment(10, 10, 1000), segment(20, 10, 1000)]
  assert.equal(expired(segments, { retentionBytes: 10 }), 2)
  assert.equal(expired(segments, { retentionBytes: 11 }), 1)
  assert.equal(expired(segments, { retentionBytes: 0 }), 3)
})

test('nothing goes that is not written, nor from a topic that only compacts, but what is below the start', () => {
  const segments = [segment(0, 10, 100), segment(10, 10, 100)]
  assert.equal(expired(segments, { retentionMs: 1 }, { highWatermark: 15 }), 1)
  const cleanupPolicy = { compact: true, delete: false }
  assert.equal(expired(segments, { retentionMs: 1, cleanupPolicy }), 0)
  assert.equal(expired(segments, { cleanupPolicy }, { logStartOffset: 12 }), 1)
})

async function appendAt(part: OnePartition, times: readonly number[]): Promise<void> {
  for (const time of times) await part.append(batchOf(['k0=v'], {}, time))
}

for (const engine of engines) {
  test(`${engine.name}: old segments go, and the start of the log is theirs`, async () => {
    const part = await engine.partition({ segmentBytes: BATCH * 2, retentionMs: HOUR })
    await appendAt(part, [START, START, START + HOUR, START + HOUR, START + HOUR])
    part.clock.time = START + HOUR + 1
    await part.logs.retain()
    assert.equal(part.log.logStartOffset, 2)
    assert.equal(part.log.size, BATCH * 3)
    assert.deepEqual(await part.contents(), ['2 k0=v', '3 k0=v', '4 k0=v'])
    await part.restart()
    assert.equal(part.log.logStartOffset, 2)
    assert.deepEqual(await part.contents(), ['2 k0=v', '3 k0=v', '4 k0=v'])
    await part.logs.close()
  })

  test(`${engine.name}: the last segment goes too, and no offset is given twice, also after a restart`, async () => {
    const part = await engine.partition({ retentionMs: HOUR })
    await appendAt(part, [START, START, START])
    part.clock.time = START + HOUR + 1
    await part.logs.retain()
    assert.deepEqual([part.log.logStartOffset, part.log.logEndOffset, part.log.size], [3, 3, 0])
    await part.restart()
    assert.deepEqual([part.log.logStartOffset, part.log.logEndOffset], [3, 3])
    assert.equal(await part.log.offsetForTimestamp(0), undefined)
    assert.equal((await part.append(batchOf(['a=1']))).baseOffset, 3)
    assert.deepEqual(await part.contents(), ['3 a=1'])
    await part.logs.close()
  })

  test(`${engine.name}: segments below a start that was moved are removed`, async () => {
    const part = await engine.partition({ segmentBytes: BATCH * 2 })
    await appendAt(part, [START, START, START, START, START])
    await part.log.deleteRecordsBefore(3)
    await part.logs.retain()
    assert.deepEqual([part.log.logStartOffset, part.log.size], [3, BATCH * 3])
    assert.deepEqual(await part.contents(), ['3 k0=v', '4 k0=v'])
    await part.logs.close()
  })

  test(`${engine.name}: a segment is closed when the next batch is too much younger than its first`, async () => {
    const part = await engine.partition({ segmentMs: 1000 })
    await appendAt(part, [START, START + 1000, START + 500, START + 1001, START + 1500])
    assert.deepEqual(
      part.log.store.segments.map(({ baseOffset }) => baseOffset),
      [0, 3],
    )
    await part.logs.close()
  })
}
