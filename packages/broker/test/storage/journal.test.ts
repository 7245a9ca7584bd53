import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogStore } from '../../src/log/log-store.js'
import { FileStorage } from '../../src/storage/files/file-storage.js'
import { batchOf, StillClock } from '../log/log-fixture.js'
import { topicConfig } from '../log/record-vectors.js'
import { FOLDER, openOn } from './file-partition.js'
import { MemoryDisk } from './memory-disk.js'

const journalsOf = (disk: MemoryDisk) => disk.names_().filter((name) => name.startsWith('/data/journal/'))
const syncsOf = (disk: MemoryDisk) => disk.history.filter((line) => line.startsWith('sync '))

async function manyOn(disk: MemoryDisk, count: number) {
  const clock = new StillClock()
  const storage = await FileStorage.open({ folder: '/data', disk, clock, tailCacheBytes: 0 })
  const logs = await LogStore.open({ storage, clock })
  const partitions = Array.from({ length: count }, (_, index) => index)
  await logs.create({ name: 'many', id: 'AAAAAAAAAAAAAAAAAAAAAQ', configs: topicConfig({}) }, partitions)
  const append = (partition: number, text: string) =>
    logs.get('many', partition)!.append(batchOf([text]), { acks: -1, origin: 'client' })
  return { logs, partitions, append }
}

test('small commits of many partitions share a flush, and a power cut loses none of them', async () => {
  const disk = new MemoryDisk()
  const { partitions, append } = await manyOn(disk, 20)
  await Promise.all(partitions.map((partition) => append(partition, 'a=1')))
  const before = syncsOf(disk).length
  await Promise.all(partitions.map((partition) => append(partition, 'b=1')))
  assert.equal(syncsOf(disk).length - before, 1)

  const next = await manyOn(disk.afterPowerCut(), 20)
  for (const partition of next.partitions) assert.equal(next.logs.get('many', partition)!.logEndOffset, 2)
  await next.logs.close()
})

test('what a power cut has left is read once: then the journal is gone, and the segments have it', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await part.append(batchOf(['a=1', 'b=1']))
  await part.append(batchOf(['c=1']))
  const cut = disk.afterPowerCut()
  const next = await openOn(cut)
  assert.deepEqual(await next.contents(), ['0 a=1', '1 b=1', '2 c=1'])
  assert.deepEqual(journalsOf(cut), [])
  const last = await openOn(cut.afterPowerCut())
  assert.deepEqual(await last.contents(), ['0 a=1', '1 b=1', '2 c=1'])
  assert.equal((await last.append(batchOf(['d=1']))).baseOffset, 3)
})

test('a torn entry ends the journal: nothing behind it was acknowledged', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await part.append(batchOf(['a=1']))
  await part.append(batchOf(['b=1']))
  const cut = disk.afterPowerCut()
  cut.change(journalsOf(cut)[0]!, (bytes) =>
    bytes.fill(
      0,
      bytes.findLastIndex((byte) => byte !== 0),
    ),
  )
  assert.deepEqual(await (await openOn(cut)).contents(), ['0 a=1'])
})

test('a full journal is followed by another, and removed when the segments have what is in it', {
  timeout: 60_000,
}, async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  for (let index = 0; index < 60; index++) await part.append(batchOf([`k${index}=v`]))
  while (journalsOf(disk).length > 1) await new Promise(setImmediate)
  assert.notDeepEqual(journalsOf(disk), ['/data/journal/1.journal'])
  assert.equal((await (await openOn(disk.afterPowerCut())).contents()).length, 60)
})

test('a clean end leaves no journal', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await part.append(batchOf(['a=1']))
  await part.logs.close()
  assert.deepEqual(journalsOf(disk), [])
  assert.equal(disk.openFiles, 0)
})

test('when the journal cannot be written a partition flushes its own files, and the journal rests', async () => {
  for (const only of ['write', 'sync']) {
    const disk = new MemoryDisk()
    const part = await openOn(disk)
    await part.append(batchOf(['a=1']))
    const fault = { kind: 'error' as const, code: 'EIO', only }
    // A write goes to the segment first.
    disk.fault = { ...fault, at: disk.operations + (only === 'write' ? 2 : 1) }
    assert.equal((await part.append(batchOf(['b=1']))).errorCode, 0)
    disk.fault = undefined
    assert.equal((await part.append(batchOf(['c=1']))).errorCode, 0)
    assert.equal(syncsOf(disk).at(-1), `sync ${FOLDER}/00000000000000000000.log`)
    const next = await openOn(disk.afterPowerCut())
    assert.deepEqual(await next.contents(), ['0 a=1', '1 b=1', '2 c=1'])
    part.clock.time += 10_000
    assert.equal((await part.append(batchOf(['d=1']))).errorCode, 0)
    assert.equal(syncsOf(disk).at(-1), 'sync /data/journal/2.journal')
  }
})

test('what the journal has of a removed topic does not come back', async () => {
  const disk = new MemoryDisk()
  const { logs, append } = await manyOn(disk, 2)
  await append(0, 'a=1')
  await logs.delete('many')
  const next = await manyOn(disk.afterPowerCut(), 2)
  assert.equal(next.logs.get('many', 0)!.logEndOffset, 0)
})

test('files that are none of ours do no harm, wherever they lie', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await part.append(batchOf(['a=1', 'b=1']))
  const cut = disk.afterPowerCut()
  const folders = ['/data', '/data/journal', '/data/documents', '/data/partitions', FOLDER]
  for (const folder of folders) {
    await cut.makeFolder(`${folder}/lost+found`)
    for (const name of ['.DS_Store', 'notes.journal', '7.journal.bak', 'copy.log']) {
      await (await cut.open(`${folder}/${name}`, 'write')).close()
    }
  }
  const next = await openOn(cut)
  assert.deepEqual(await next.contents(), ['0 a=1', '1 b=1'])
  assert.equal((await next.append(batchOf(['c=1']))).baseOffset, 2)
  assert.ok(cut.names_().includes('/data/journal/notes.journal'))
})
