import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compactLog } from '../../src/log/cleaning/compaction.js'
import { FileStorage } from '../../src/storage/files/file-storage.js'
import { batchOf, StartedLogs, StillClock } from '../log/log-fixture.js'
import { topicConfig } from '../log/record-vectors.js'
import { openOn } from './file-partition.js'
import { MemoryDisk } from './memory-disk.js'

test('after a failed sync nothing is called durable any more, until the next start', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  assert.equal((await part.append(batchOf(['a=1']))).errorCode, 0)
  disk.fault = { at: disk.operations + 1, kind: 'error', code: 'EIO', only: 'sync' }
  // Too large for the journal.
  const large = `b=${'x'.repeat(40_000)}`
  const answers = await Promise.all([part.append(batchOf([large])), part.append(batchOf(['c=1']))])
  assert.deepEqual(
    answers.map(({ errorCode }) => errorCode),
    [56, 56],
  )
  part.clock.time += 3_600_000
  assert.equal((await part.append(batchOf(['d=1']))).errorCode, 56)
  assert.equal((await part.append(batchOf(['d=1']), 1)).errorCode, 56)
  await part.logs.close()
  await part.start()
  assert.equal((await part.append(batchOf(['e=1']))).errorCode, 0)
})

test('a deletion of records that the disk did not keep is kept by the next try, before it is answered', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await part.append(batchOf(['a=1']))
  await part.append(batchOf(['b=1']))
  disk.fault = { at: disk.operations + 1, kind: 'error', code: 'EIO', only: 'write' }
  await assert.rejects(part.log.deleteRecordsBefore(1), { code: 'EIO' })
  disk.fault = undefined
  const deleting = part.log.deleteRecordsBefore(1)
  assert.equal(part.log.logStartOffset, 0, 'readers see no start that a crash could take back')
  await deleting
  assert.equal(part.log.logStartOffset, 1)
  const after = await openOn(disk.afterPowerCut())
  assert.equal(after.log.logStartOffset, 1)
})

test('a compaction that the disk cuts short takes nothing away that came later, and is ended by the next start', async () => {
  const disk = new MemoryDisk()
  const cleanupPolicy = { compact: true, delete: false }
  const part = await openOn(disk, { cleanupPolicy, minCleanableDirtyRatio: 0, segmentBytes: 10_000 })
  const close = async (...records: string[]) => {
    for (const record of records) await part.append(batchOf([record]))
    part.log.roll()
    await part.log.checkpoint()
  }
  await close('a=1', 'a=2')
  await part.append(batchOf(['b=1']))
  disk.fault = { at: disk.operations + 1, kind: 'error', only: 'syncFolder' }
  await assert.rejects(compactLog(part.log, part.clock), { code: 'EIO' })
  disk.fault = undefined
  await close('a=3')
  await part.append(batchOf(['c=1']))
  await assert.rejects(compactLog(part.log, part.clock), /restart the broker/)
  await part.restart()
  assert.deepEqual(await part.contents(), ['1 a=2', '2 b=1', '3 a=3', '4 c=1'])
  await compactLog(part.log, part.clock)
  await part.restart()
  assert.deepEqual(await part.contents(), ['2 b=1', '3 a=3', '4 c=1'])
})

test('an error of the disk while reading answers 56 and harms nothing', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await part.append(batchOf(['a=1']))
  await part.logs.close()
  await part.start()
  disk.maxOpenFiles = disk.openFiles
  assert.equal((await part.read(0)).errorCode, 56)
  disk.maxOpenFiles = Infinity
  assert.deepEqual(await part.contents(), ['0 a=1'])
  assert.equal((await part.append(batchOf(['b=1']))).errorCode, 0)
})

test('more partitions than descriptors are all written and read', async () => {
  const disk = new MemoryDisk()
  disk.maxOpenFiles = 7
  const clock = new StillClock()
  const storage = await FileStorage.open({ folder: '/data', disk, clock, tailCacheBytes: 0 })
  const logs = await StartedLogs.start({ storage, clock })
  const partitions = Array.from({ length: 30 }, (_, index) => index)
  await logs.create({ name: 'many', id: 'AAAAAAAAAAAAAAAAAAAAAQ', configs: topicConfig({}) }, partitions)
  for (let round = 0; round < 3; round++) {
    for (const partition of partitions) {
      const result = await logs.get('many', partition)!.append(batchOf(['a=1']), { acks: -1, origin: 'client' })
      assert.equal(result.errorCode, 0)
    }
  }
  for (const partition of partitions) {
    const request = { offset: 1, maxBytes: 1000, atLeastOne: true, isolation: 'uncommitted' as const }
    assert.equal((await logs.get('many', partition)!.read(request)).size, batchOf(['a=1']).length * 2)
  }
  await logs.close()
  assert.equal(disk.openFiles, 0)
})

async function manyPartitions(disk: MemoryDisk, openFiles?: number) {
  const clock = new StillClock()
  const storage = await FileStorage.open({
    ...{ folder: '/data', disk, clock, tailCacheBytes: 0 },
    ...(openFiles !== undefined && { openFiles }),
  })
  const logs = await StartedLogs.start({ storage, clock })
  const partitions = Array.from({ length: 200 }, (_, index) => index)
  await logs.create({ name: 'many', id: 'AAAAAAAAAAAAAAAAAAAAAQ', configs: topicConfig({}) }, partitions)
  const append = (partition: number) =>
    logs.get('many', partition)!.append(batchOf(['a=1']), { acks: 1, origin: 'client' })
  return { logs, partitions, append }
}

test('partitions that are first written to all at once open no more files together than there may be', async () => {
  const disk = new MemoryDisk()
  const { logs, partitions, append } = await manyPartitions(disk, 5)
  const others = disk.openFiles
  const answers = await Promise.all(partitions.map(append))
  assert.deepEqual(new Set(answers.map(({ errorCode }) => errorCode)), new Set([0]))
  assert.equal(disk.mostOpenFiles - others, 5)
  await logs.close()
  assert.equal(disk.openFiles, 0)
})

test('where the process may have fewer files open than that, they take turns', async () => {
  const disk = new MemoryDisk()
  const { logs, partitions, append } = await manyPartitions(disk)
  disk.maxOpenFiles = disk.openFiles + 2
  const answers = await Promise.all(partitions.map(append))
  assert.deepEqual(new Set(answers.map(({ errorCode }) => errorCode)), new Set([0]))
  await logs.close()
  assert.equal(disk.openFiles, 0)
})

test('a partition that finds no file descriptor waits for one, and is no damaged disk', async () => {
  const disk = new MemoryDisk()
  const { logs, append } = await manyPartitions(disk)
  disk.maxOpenFiles = disk.openFiles
  assert.equal((await append(7)).errorCode, 56)
  assert.deepEqual(logs.waiting, { room: 0, descriptors: 1 })
  disk.maxOpenFiles = Infinity
  while (logs.waiting.descriptors > 0) await new Promise(setImmediate)
  assert.equal((await append(7)).errorCode, 0)
  await logs.close()
})

test('a record that was promised to be durable is read by nobody until it is; one that was not is read at once', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await part.append(batchOf(['a=1']), 1)
  assert.equal(part.log.highWatermark, 1)
  disk.fault = { at: disk.operations + 1, kind: 'error', code: 'EIO', only: 'sync' }
  // Too large for the journal.
  const answer = await part.append(batchOf([`b=${'x'.repeat(40_000)}`]))
  assert.deepEqual([answer.errorCode, part.log.highWatermark, part.log.logEndOffset], [56, 1, 2])
  assert.equal((await part.read(1)).size, 0)
  await part.logs.close()
})
