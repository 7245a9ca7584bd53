import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch } from '@rivven/protocol'
import { FileStorage } from '../../src/storage/files/file-storage.js'
import { entryOf } from '../../src/storage/files/journal/journal-file.js'
import { readEntries } from '../../src/storage/files/journal/read-entries.js'
import type { StorageNotice } from '../../src/storage/notices.js'
import { batchOf, StartedLogs, StillClock } from '../log/log-fixture.js'
import { topicConfig } from '../log/record-vectors.js'
import { FOLDER, filesOf, openOn } from './file-partition.js'
import { MemoryDisk } from './memory-disk.js'

const journalsOf = (disk: MemoryDisk) => disk.names_().filter((name) => name.startsWith('/data/journal/'))
const syncsOf = (disk: MemoryDisk) => disk.history.filter((line) => line.startsWith('sync '))

async function manyOn(disk: MemoryDisk, count: number) {
  const clock = new StillClock()
  const storage = await FileStorage.open({ folder: '/data', disk, clock, tailCacheBytes: 0 })
  const logs = await StartedLogs.start({ storage, clock })
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

test('what a power cut has taken from a segment is put down again, whatever it has left behind it there', async () => {
  const texts = ['a=1', 'b=1', 'c=1', 'd=1', 'e=1']
  const size = batchOf(['a=1']).length
  const segmentBytes = size * 3
  // One batch was lost, and of the next one a part, or all, or a part and then more, is there.
  for (const end of [size * 2 + 10, size * 2 + size / 2, size * 3 - 1, size * 3]) {
    for (const lost of [0, 1, 2]) {
      const disk = new MemoryDisk()
      const part = await openOn(disk, { segmentBytes })
      for (const text of texts) await part.append(batchOf([text]))
      const cut = disk.afterKill()
      for (const name of [...filesOf(cut, '.index'), ...filesOf(cut, 'checkpoint')]) await cut.remove(name)
      cut.change(filesOf(cut, '.log')[0]!, (bytes) => bytes.fill(0, lost * size, (lost + 1) * size).subarray(0, end))
      const next = await openOn(cut, { segmentBytes })
      next.storage.onNotice(({ text }) => assert.doesNotMatch(text, /cannot be read/))
      const expected = texts.map((text, offset) => `${offset} ${text}`)
      assert.deepEqual(await next.contents(), expected, `batch ${lost}, ${end} bytes`)
      assert.deepEqual(await (await openOn(cut.afterPowerCut(), { segmentBytes })).contents(), expected)
    }
  }
})

test('a torn entry ends the journal: nothing behind it was acknowledged', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  await part.append(batchOf(['a=1']))
  await part.append(batchOf(['b=1']))
  const cut = disk.afterPowerCut()
  cut.change(journalsOf(cut)[0]!, (bytes) => bytes.fill(0, bytes.findLastIndex((byte) => byte !== 0) - 6))
  const next = await openOn(cut)
  assert.deepEqual(await next.contents(), ['0 a=1'])
  next.storage.onNotice(({ text }) => assert.fail(text))
  assert.ok(!cut.names_().some((name) => name.startsWith('/data/set-aside/')))
})

const flipBit = (disk: MemoryDisk, path: string, at: (bytes: Buffer) => number) =>
  disk.change(path, (bytes) => {
    bytes[at(bytes)]! ^= 1
    return bytes
  })

/** Bytes of the entry with this record: of the record, the length of the entry, and that of its name. */
const bytesOf = (text: string): Record<string, (bytes: Buffer) => number> => {
  // Between key and value stands the length of the value.
  const recordAt = (bytes: Buffer) => bytes.indexOf(text.replace('=', '\x02'))
  const nameAt = (bytes: Buffer) => bytes.lastIndexOf('orders-0.', recordAt(bytes))
  return {
    record: recordAt,
    length: (bytes) => nameAt(bytes) - 10,
    'length, far': (bytes) => nameAt(bytes) - 8,
    name: (bytes) => nameAt(bytes) - 2,
  }
}

test('a damaged entry costs only its own records: those behind it are there, the file is set aside, and it is told', async () => {
  const texts = ['a=1', 'b=1', 'c=1', 'd=1']
  for (const [damaged, text] of ['a=1', 'b=1', 'c=1'].entries()) {
    for (const [where, at] of Object.entries(bytesOf(text))) {
      const disk = new MemoryDisk()
      const part = await openOn(disk)
      for (const each of texts) await part.append(batchOf([each]))
      const cut = disk.afterPowerCut()
      flipBit(cut, '/data/journal/1.journal', at)
      const content = cut.content('/data/journal/1.journal')

      const next = await openOn(cut)
      const notices: StorageNotice[] = []
      next.storage.onNotice((notice) => notices.push(notice))
      // Not even the name of the first segment was durable: the log begins behind what is lost.
      const lost = damaged === 0 ? [] : [`damaged ${damaged}-${damaged}`]
      const expected = texts.flatMap((each, offset) => (offset === damaged ? lost : [`${offset} ${each}`]))
      assert.deepEqual(await next.contents(), expected, `${text}, ${where}`)
      assert.deepEqual(journalsOf(cut), [])
      assert.deepEqual(cut.content('/data/set-aside/journal/1.journal'), content)
      const told = notices.map((notice) => notice.text).filter((line) => line.startsWith('/data/journal/'))
      assert.equal(told.length, 1, `${told}`)
      assert.match(
        told[0]!,
        /1\.journal is damaged from byte \d+ to \d+.* kept at \/data\/set-aside\/journal\/1\.journal/,
      )
      assert.equal((await next.append(batchOf(['e=1']))).baseOffset, 4)
      const last = await openOn(cut.afterPowerCut())
      assert.deepEqual(await last.contents(), [...expected, '4 e=1'], `${text}, ${where}`)
    }
  }
})

test('the last entry may be damaged, too: the log goes on behind what it had, now and at the next start', async () => {
  const texts = ['a=1', 'b=1', 'c=1']
  for (const count of [1, 3]) {
    const { name: _, ...places } = bytesOf(texts[count - 1]!)
    for (const [where, at] of Object.entries(places)) {
      const disk = new MemoryDisk()
      const part = await openOn(disk)
      for (const text of texts.slice(0, count)) await part.append(batchOf([text]))
      const cut = disk.afterPowerCut()
      flipBit(cut, '/data/journal/1.journal', at)

      const notices: string[] = []
      const next = await openOn(cut)
      next.storage.onNotice(({ text }) => notices.push(text))
      assert.match(notices.join('\n'), count === 1 ? /no segment before 1/ : /offset 2 cannot be read/, where)
      assert.match(notices.join('\n'), /1\.journal is damaged .* kept at/)
      // Killed before anything else is written.
      const again = await openOn(cut.afterPowerCut())
      assert.equal((await again.append(batchOf(['d=1']))).baseOffset, count, where)
      const expected = count === 1 ? ['1 d=1'] : ['0 a=1', '1 b=1', 'damaged 2-2', '3 d=1']
      assert.deepEqual(await again.contents(), expected, where)
      for (const after of [cut.afterKill(), cut.afterPowerCut()]) {
        const last = await openOn(after)
        assert.equal((await last.append(batchOf(['e=1']))).baseOffset, count, where)
        await last.logs.close()
        assert.equal((await openOn(after)).log.logEndOffset, count + 1, where)
      }
    }
  }
})

test('a write that was cut short at any place is no damage: it was never answered', () => {
  const batch = buildBatch({ records: [{ key: null, value: Buffer.alloc(3000, 'v'), timestamp: 0 }] })
  const [first, second] = [entryOf('orders-0.id', [batchOf(['a=1'])]), entryOf('orders-0.id', [batch])].map((entry) =>
    Buffer.concat(entry),
  )
  const whole = Buffer.concat([first!, second!, Buffer.alloc(4096)])
  const [from, to] = [first!.length, first!.length + second!.length]
  for (let end = from; end < to; end++) {
    const bytes = Buffer.from(whole)
    bytes.fill(0, end)
    assert.deepEqual(readEntries(bytes).damages, [], `cut at ${end}`)
  }
  for (let at = 512; at < to; at += 512) {
    const bytes = Buffer.from(whole)
    bytes.fill(0, at, at + 512)
    assert.deepEqual(readEntries(bytes).damages, [], `without its sector at ${at}`)
  }
  for (let bit = from * 8; bit < to * 8; bit++) {
    const bytes = Buffer.from(whole)
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    const { entries, damages } = readEntries(bytes)
    // A bit of the mark: then the entry itself is sound.
    assert.equal(entries.length === 2 || damages.length === 1, true, `bit ${bit - from * 8}`)
  }
})

test('an entry of an earlier broker, without a mark, is read, and is damaged if a sound one follows', () => {
  const old = (text: string) => Buffer.concat(entryOf('orders-0.id', [batchOf([text])]).slice(0, -1))
  const bytes = Buffer.concat([old('a=1'), old('b=1'), old('c=1'), Buffer.alloc(100)])
  assert.equal(readEntries(bytes).entries.length, 3)
  bytes[old('a=1').length + 60]! ^= 1
  const { entries, damages } = readEntries(bytes)
  assert.deepEqual([entries.length, damages.length], [2, 1])
})

test('a damaged journal whose records the segments have costs nothing, and is set aside all the same', async () => {
  const disk = new MemoryDisk()
  const part = await openOn(disk)
  for (const text of ['a=1', 'b=1', 'c=1']) await part.append(batchOf([text]))
  const killed = disk.afterKill()
  flipBit(killed, '/data/journal/1.journal', bytesOf('a=1').record!)
  assert.deepEqual(await (await openOn(killed)).contents(), ['0 a=1', '1 b=1', '2 c=1'])
  assert.ok(killed.names_().includes('/data/set-aside/journal/1.journal'))
})

test('records that look like an entry are none, also in an entry that is damaged', () => {
  const entry = (name: string, batch: Buffer) => Buffer.concat(entryOf(name, [batch]))
  const inner = entry('other-0.id', batchOf(['a=1']))
  const looksAlike = entry('orders-0.id', buildBatch({ records: [{ key: null, value: inner, timestamp: 0 }] }))
  looksAlike[looksAlike.length - 6]! ^= 1
  const bytes = Buffer.concat([looksAlike, entry('orders-0.id', batchOf(['b=1'])), Buffer.alloc(100)])
  const { entries, damages } = readEntries(bytes)
  assert.deepEqual(
    entries.map(({ name }) => name),
    ['orders-0.id'],
  )
  assert.deepEqual(damages, [
    { position: 0, endPosition: looksAlike.length, claims: [{ name: 'orders-0.id', fromOffset: 0, toOffset: 1 }] },
  ])
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
