import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compactLog } from '../../src/log/cleaning/compaction.js'
import { batchOf, type OnePartition } from '../log/log-fixture.js'
import { filesOf, openOn } from './file-partition.js'
import { MemoryDisk } from './memory-disk.js'

const config = {
  cleanupPolicy: { compact: true, delete: false },
  minCleanableDirtyRatio: 0,
  deleteRetentionMs: 1000,
  segmentBytes: 10_000,
}

/** Each list of records is a closed segment; the last one takes appends. */
async function segmentsOf(part: OnePartition, ...segments: string[][]): Promise<void> {
  for (const records of segments) {
    for (const record of records) await part.append(batchOf([record]))
    part.log.roll()
    await part.log.checkpoint()
  }
  await part.append(batchOf(['end=1']))
}

/** Flips a bit in the value of the first batch of a segment. */
function spoil(disk: MemoryDisk, path: string): Buffer {
  disk.change(path, (bytes) => {
    bytes[batchOf(['a=1']).length - 2]! ^= 1
    return bytes
  })
  return disk.content(path)
}

test('a damaged batch is not compacted: its segment and what follows stay as they are, what lies before is cleaned', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk, config)
  await segmentsOf(part, ['a=1', 'a=2'], ['b=1', 'a=3'], ['c=1', 'b', 'c=2'])
  const notices: string[] = []
  part.storage.onNotice(({ text }) => notices.push(text))
  const [, damaged, last] = filesOf(disk, '.log')
  const before = [spoil(disk, damaged!), disk.content(last!)]
  await assert.rejects(compactLog(part.log, part.clock), /orders-0 is compacted only up to offset 2: the segment/)
  assert.deepEqual([disk.content(damaged!), disk.content(last!)], before)
  assert.match(notices.join(), /00000000000000000002\.log is damaged from byte 0 to \d+: offset 2 cannot be read/)
  const left = ['damaged 2-2', '3 a=3', '4 c=1', '5 b=undefined', '6 c=2', '7 end=1']
  const contents = async () => (await part.contents()).map((line) => line.replace('b=null', 'b=undefined'))
  assert.deepEqual((await contents()).slice(-6), left)
  // Tombstones stay, however old: what they delete may be in the damaged segment.
  part.clock.time += 1_000_000
  await compactLog(part.log, part.clock)
  await compactLog(part.log, part.clock)
  assert.deepEqual((await contents()).slice(-6), left)
  await part.restart()
  assert.deepEqual((await contents()).slice(-6), left)
})

test('where an index knows a batch, an offset that was moved within a gap of compaction is damage', async () => {
  for (const hasIndex of [true, false]) {
    const disk = new MemoryDisk()
    const part = await openOn(disk, config)
    await segmentsOf(part, ['a=1', 'a=2', 'a=3', 'a=4', 'b=1', 'a=5', 'a=6', 'c=1'])
    await compactLog(part.log, part.clock)
    assert.deepEqual(await part.contents(), ['4 b=1', '6 a=6', '7 c=1', '8 end=1'])
    await part.logs.close()
    disk.change(filesOf(disk, '.log')[0]!, (bytes) => {
      bytes[7]! ^= 1
      return bytes
    })
    if (!hasIndex) for (const name of filesOf(disk, '.index')) await disk.remove(name)
    await part.start()
    const notices: string[] = []
    part.storage.onNotice(({ text }) => notices.push(text))
    // Nothing else knows where in the gap it was: docs/broker.md says so.
    const first = hasIndex ? 'damaged 0-5' : '5 b=1'
    assert.deepEqual(await part.contents(), [first, '6 a=6', '7 c=1', '8 end=1'])
    assert.equal(/offsets 0 to 5 cannot be read/.test(notices.join()), hasIndex)
    await part.logs.close()
  }
})

test('once the file is put back, the log is compacted as ever', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk, config)
  await segmentsOf(part, ['a=1', 'a=2'], ['b=1', 'a=3'])
  const damaged = filesOf(disk, '.log')[1]!
  const whole = disk.content(damaged)
  spoil(disk, damaged)
  await assert.rejects(compactLog(part.log, part.clock), /damaged/)
  await part.logs.close()
  disk.change(damaged, () => whole)
  await part.start()
  await compactLog(part.log, part.clock)
  assert.deepEqual(await part.contents(), ['2 b=1', '3 a=3', '4 end=1'])
})
