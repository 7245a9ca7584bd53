import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Topic } from '../../src/catalog/catalog.js'
import { clearStrays } from '../../src/cluster/alone/strays.js'
import { LogStore } from '../../src/log/log-store.js'
import { FileStorage } from '../../src/storage/files/file-storage.js'
import { batchOf, type OnePartition, StillClock, sequenced } from '../log/log-fixture.js'
import { FOLDER, filesOf, openOn, withoutJournal } from './file-partition.js'
import { MemoryDisk } from './memory-disk.js'

const BATCH = batchOf(['k0=v']).length

async function appendKeys(part: OnePartition, from: number, to: number, acks: -1 | 1 = -1): Promise<void> {
  for (let index = from; index < to; index++) {
    const result = await part.append(batchOf([`k${index}=v`]), acks)
    assert.deepEqual([result.errorCode, result.baseOffset], [0, index])
  }
}

function keys(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `${from + index} k${from + index}=v`)
}

/** A killed broker's disk with these records in the partition's own files alone, and no checkpoint if it shall be checked from the start. */
async function killedWith(count: number, config = {}, keepsCheckpoint = true): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  const part = await openOn(disk, config)
  await appendKeys(part, 0, count)
  const left = await withoutJournal(disk.afterKill())
  if (!keepsCheckpoint) await left.remove(`${FOLDER}/checkpoint`)
  return left
}

test('a partition that nothing was written to has no files', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await part.logs.close()
  assert.deepEqual(disk.names_(), ['/data/documents/leader-epoch', '/data/documents/leader-epoch.copy'])
})

test('after a kill everything written is there, and the log goes on', async () => {
  const disk = await killedWith(10)
  const part = await openOn(disk)
  assert.deepEqual(await part.contents(), keys(0, 10))
  await appendKeys(part, 10, 12)
  assert.deepEqual(await part.contents(), keys(0, 12))
  assert.deepEqual(part.log.endOffsetForEpoch(0), { leaderEpoch: 0, endOffset: 10 })
})

test('what a killed broker had only written is durable once the next one answers for it', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await part.append(sequenced(7, 0, 0), 1)
  await part.append(sequenced(7, 0, 1), 1)
  const killed = disk.afterKill({ keepsSyncState: true })
  const next = await openOn(killed)
  assert.equal((await next.append(sequenced(7, 0, 1), -1)).baseOffset, 1)
  const last = await openOn(killed.afterPowerCut())
  assert.deepEqual(await last.contents(), keys(0, 2))
})

test('a torn last batch is cut off silently', async () => {
  for (const left of [1, 11, 12, 40, 61, BATCH - 1]) {
    const disk = await killedWith(5)
    disk.change(filesOf(disk, '.log')[0]!, (bytes) => bytes.subarray(0, 4 * BATCH + left))
    const part = await openOn(disk)
    assert.deepEqual(await part.contents(), keys(0, 4))
    await appendKeys(part, 4, 6)
    assert.deepEqual(await part.contents(), keys(0, 6))
    await part.restart()
    assert.deepEqual(await part.contents(), keys(0, 6))
  }
})

test('garbage behind the last batch is cut off', async () => {
  const disk = await killedWith(3)
  disk.change(filesOf(disk, '.log')[0]!, (bytes) => Buffer.concat([bytes, Buffer.alloc(500, 0x7f)]))
  const part = await openOn(disk)
  assert.deepEqual(await part.contents(), keys(0, 3))
})

test('a flipped bit takes its own batch along, and nothing behind it', async () => {
  const disk = await killedWith(20, { segmentBytes: BATCH * 4 + 8 }, false)
  disk.change(filesOf(disk, '.log')[2]!, (bytes) => {
    bytes[BATCH + 65]! ^= 4
    return bytes
  })
  const before = filesOf(disk, '.log').map((name) => disk.content(name))
  const part = await openOn(disk, { segmentBytes: BATCH * 4 + 8 })
  assert.deepEqual(await part.contents(), [...keys(0, 9), 'damaged 9-9', ...keys(10, 20)])
  assert.equal((await part.read(9)).errorCode, 2)
  assert.deepEqual(
    filesOf(disk, '.log').map((name) => disk.content(name)),
    before,
  )
  await appendKeys(part, 20, 22)
  assert.deepEqual(await part.contents(18), keys(18, 22))
})

test('what lies before the checkpoint is not read at a start; damage there is met by readers, and costs no later record', async () => {
  const disk = await killedWith(20, { segmentBytes: BATCH * 4 })
  disk.change(filesOf(disk, '.log')[1]!, (bytes) => bytes.subarray(0, BATCH * 2 + 30))
  const part = await openOn(disk, { segmentBytes: BATCH * 4 })
  assert.deepEqual(await part.contents(), [...keys(0, 6), 'damaged 6-7', ...keys(8, 20)])
})

test('a file shorter than its checkpoint says never gives an offset twice', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await appendKeys(part, 0, 10)
  await part.logs.close()
  disk.change(filesOf(disk, '.log')[0]!, (bytes) => bytes.subarray(0, BATCH * 6 + 30))
  await part.start()
  assert.deepEqual(await part.contents(), [...keys(0, 6), 'damaged 6-9'])
  await appendKeys(part, 10, 12)
  assert.deepEqual(await part.contents(), [...keys(0, 6), 'damaged 6-9', ...keys(10, 12)])
  await part.restart()
  assert.deepEqual(await part.contents(), [...keys(0, 6), 'damaged 6-9', ...keys(10, 12)])
})

test('indexes that are missing, damaged, stale or of another segment are made again', async () => {
  const spoil: ((disk: MemoryDisk, index: string) => unknown)[] = [
    (disk, index) => disk.remove(index),
    (disk, index) => disk.change(index, (bytes) => bytes.subarray(0, 50)),
    (disk, index) => disk.change(index, () => Buffer.alloc(0)),
    (disk, index) =>
      disk.change(index, (bytes) => {
        bytes[90]! ^= 1
        return bytes
      }),
    (disk, index) => disk.change(index, () => Buffer.from(disk.content(filesOf(disk, '.index')[0]!))),
  ]
  for (const change of spoil) {
    const disk = new MemoryDisk()
    const part = await openOn(disk, { segmentBytes: BATCH * 8 })
    await appendKeys(part, 0, 30)
    await part.logs.close()
    for (const index of filesOf(disk, '.index')) await change(disk, index)
    await part.start()
    assert.deepEqual(await part.contents(), keys(0, 30))
    assert.deepEqual(await part.contents(13), keys(13, 30))
    assert.equal((await part.log.offsetForTimestamp(1))?.offset, 0)
    await appendKeys(part, 30, 33)
    assert.deepEqual(await part.contents(25), keys(25, 33))
  }
})

test('without its checkpoint a log is read as a whole, with sequences and epochs', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk, { segmentBytes: BATCH * 3 })
  for (let sequence = 0; sequence < 10; sequence++) await part.append(sequenced(7, 0, sequence))
  await part.restart()
  await part.append(sequenced(7, 0, 10))
  await part.logs.close()
  disk.change(`${FOLDER}/checkpoint`, (bytes) => {
    bytes[20]! ^= 1
    return bytes
  })
  await part.start()
  assert.equal((await part.append(sequenced(7, 0, 10))).baseOffset, 10)
  assert.equal((await part.append(sequenced(7, 0, 12))).errorCode, 45)
  assert.equal((await part.append(sequenced(7, 0, 11))).baseOffset, 11)
  assert.deepEqual(part.log.endOffsetForEpoch(0), { leaderEpoch: 0, endOffset: 10 })
})

test('a leader epoch of an earlier time than the data is refused, and what to write instead is right', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  const old = disk.content('/data/documents/leader-epoch')
  await appendKeys(part, 0, 3)
  for (let start = 0; start < 3; start++) {
    await part.restart()
    await appendKeys(part, 3 + start, 4 + start)
  }
  await part.logs.close()
  for (const name of ['leader-epoch', 'leader-epoch.copy']) disk.change(`/data/documents/${name}`, () => old)
  // Once for each epoch that is behind, then one that was given already.
  for (let start = 1; start <= 3; start++) {
    await assert.rejects(part.start(), {
      name: 'StoredDataError',
      message: new RegExp(
        `this start would be ${start}, but orders-0 was written in epoch 3\\. Put back .*\\(1000003\\)`,
      ),
    })
  }
  await disk.remove('/data/documents/leader-epoch.copy')
  disk.change('/data/documents/leader-epoch', () => Buffer.from('1000003'))
  await part.start()
  assert.deepEqual(await part.contents(), keys(0, 6))
})

test('a start after a clean stop reads no batches', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk, { segmentBytes: BATCH * 8 })
  await appendKeys(part, 0, 30)
  await part.logs.close()
  for (const log of filesOf(disk, '.log')) disk.change(log, (bytes) => Buffer.alloc(bytes.length))
  await part.start()
  assert.deepEqual([part.log.logStartOffset, part.log.logEndOffset], [0, 30])
})

test('a topic made again under its name begins empty, and the old files are gone', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await appendKeys(part, 0, 3)
  await part.logs.delete('orders')
  assert.deepEqual(filesOf(disk, ''), [])
  await part.logs.create({ name: 'orders', id: 'AAAAAAAAAAAAAAAAAAAAAg', configs: part.log.config }, [0])
  assert.equal(part.logs.get('orders', 0)?.logEndOffset, 0)
  await part.logs.close()
  await part.start()
  await clearStrays(part.storage, { topicById: () => ({ partitionCount: 1 }) as Topic }, new Set())
  assert.equal(part.log.logEndOffset, 0)
})

test('a partition that the catalog does not know is set aside; what is left of a deleted topic is removed', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await appendKeys(part, 0, 3)
  await part.logs.close()
  const before = filesOf(disk, '').map((name) => [name, disk.content(name)] as const)
  const kept = await startWithout(disk.afterKill(), new Set())
  const moved = before.map(([name, content]) => [name.replace('/data/', '/data/set-aside/'), content] as const)
  for (const [name, content] of moved) assert.deepEqual(kept.disk.content(name), content)
  assert.match(
    kept.notices.join(),
    /no partition 0 of a topic orders .* kept at \/data\/set-aside\/partitions\/orders-0/,
  )
  const removed = await startWithout(disk.afterKill(), new Set(['AAAAAAAAAAAAAAAAAAAAAQ']))
  assert.deepEqual(removed.notices, [])
  assert.deepEqual(
    removed.disk.names_().filter((name) => name.includes('orders')),
    [],
  )
})

async function startWithout(disk: MemoryDisk, deletedTopics: ReadonlySet<string>) {
  const clock = new StillClock()
  const storage = await FileStorage.open({ folder: '/data', disk, clock })
  const notices: string[] = []
  storage.onNotice(({ text }) => notices.push(text))
  const logs = new LogStore({ storage, clock })
  await clearStrays(storage, { topicById: () => undefined }, deletedTopics)
  await logs.close()
  return { disk, notices }
}
