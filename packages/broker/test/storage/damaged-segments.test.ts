import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StorageNotice } from '../../src/storage/notices.js'
import { batchOf, type OnePartition } from '../log/log-fixture.js'
import { filesOf, openOn, withoutJournal } from './file-partition.js'
import { MemoryDisk } from './memory-disk.js'

const BATCH = batchOf(['k00=v']).length
const COUNT = 12
const config = { segmentBytes: BATCH * 4 }

const keyOf = (offset: number) => `k${String(offset).padStart(2, '0')}`

/** 12 records in 3 segments; 'killed': without a checkpoint, so that a start reads all of it. */
async function diskOf(end: 'closed' | 'killed'): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  const part = await openOn(disk, config)
  for (let offset = 0; offset < COUNT; offset++) await part.append(batchOf([`${keyOf(offset)}=v`]))
  if (end === 'closed') {
    await part.logs.close()
    return disk
  }
  // Each closed segment gets its index when it is on stable storage.
  while (filesOf(disk, '.index').length < 2) await new Promise(setImmediate)
  const killed = await withoutJournal(disk.afterKill())
  for (const name of [...filesOf(killed, 'checkpoint'), ...filesOf(killed, '.earlier')]) await killed.remove(name)
  return killed
}

async function start(disk: MemoryDisk) {
  const notices: StorageNotice[] = []
  const part = await openOn(disk, config)
  part.storage.onNotice((notice) => notices.push(notice))
  return { part, notices }
}

function lines(from: number, to: number, damaged: number[] = []): string[] {
  return Array.from({ length: to - from }, (_, index) => from + index).map((offset) =>
    damaged.includes(offset) ? `damaged ${offset}-${offset}` : `${offset} ${keyOf(offset)}=v`,
  )
}

function flip(disk: MemoryDisk, path: string, bit: number): void {
  disk.change(path, (bytes) => {
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    return bytes
  })
}

/** Many bits of base offset, length and magic, and some of the rest. */
const bits = Array.from({ length: BATCH * 8 }, (_, bit) => bit).filter((bit) =>
  bit < 17 * 8 ? bit % 3 === 0 : bit % 41 === 0,
)
/** The leader epoch: wrong by some, it makes no record wrong. */
const isEpoch = (bit: number) => bit >= 12 * 8 && bit < 16 * 8

for (const end of ['closed', 'killed'] as const) {
  for (const offset of [0, 5, 7, 8, 11]) {
    test(`a bit of the batch at ${offset} of a ${end} log harms no other one, and nothing wrong is read`, async () => {
      const clean = await diskOf(end)
      for (const bit of bits) {
        const disk = clean.afterKill()
        flip(disk, filesOf(disk, '.log')[offset >> 2]!, (offset % 4) * BATCH * 8 + bit)
        const { part } = await start(disk)
        const contents = await part.contents()
        const expected =
          isEpoch(bit) && contents.length === COUNT && !contents.join().includes('damaged') ? [] : [offset]
        assert.deepEqual(contents, lines(0, COUNT, expected), `bit ${bit}`)
        assert.equal(part.log.logEndOffset, COUNT, `bit ${bit}`)
        assert.equal((await part.append(batchOf([`${keyOf(COUNT)}=v`]))).baseOffset, COUNT)
        await part.logs.close()
      }
    })
  }
}

test('a segment that is missing, empty, cut or another one costs its own records only, and a line says so', {
  timeout: 60_000,
}, async () => {
  const spoil: Record<string, (disk: MemoryDisk, path: string) => unknown> = {
    missing: (disk, path) => disk.remove(path),
    empty: (disk, path) => disk.change(path, () => Buffer.alloc(0)),
    cut: (disk, path) => disk.change(path, (bytes) => bytes.subarray(0, 30)),
    foreign: (disk, path) => disk.change(path, () => Buffer.from('GIF89a'.repeat(50))),
    swapped: (disk, path) => disk.change(path, () => disk.content(filesOf(disk, '.log')[0]!)),
  }
  for (const end of ['closed', 'killed'] as const) {
    for (const [name, damage] of Object.entries(spoil)) {
      const disk = await diskOf(end)
      await damage(disk, filesOf(disk, '.log')[1]!)
      const { part, notices } = await start(disk)
      const contents = await part.contents()
      const all = contents.flatMap((line) => {
        const [, from, to] = /^damaged (\d+)-(\d+)$/.exec(line) ?? []
        return from === undefined ? [line] : lines(Number(from), Number(to) + 1, [4, 5, 6, 7])
      })
      assert.deepEqual(all, lines(0, COUNT, [4, 5, 6, 7]), `${end}, ${name}: ${contents}`)
      assert.match(notices.map(({ text }) => text).join(), /offsets 4 to 7 cannot be read/, `${end}, ${name}`)
      await part.logs.close()
    }
  }
})

test('who asks for a damaged offset gets error 2 with the offset to go on from; behind it everything is served', async () => {
  const disk = await diskOf('closed')
  disk.change(filesOf(disk, '.log')[1]!, (bytes) => bytes.fill(0xff, BATCH + 8, BATCH * 2 + 12))
  const { part, notices } = await start(disk)
  const { errorCode, damagedUntil } = await part.read(5)
  assert.deepEqual([errorCode, damagedUntil], [2, 7])
  assert.deepEqual(await part.contents(7), lines(7, COUNT))
  assert.equal(notices.length, 1)
  assert.match(
    notices[0]!.text,
    /00000000000000000004\.log is damaged from byte \d+ to \d+: offsets 5 to 6 cannot be read/,
  )
  assert.match(notices[0]!.text, /put a copy of the file in its place .* read from offset 7 on/)
})

test('an offset can be found by its time behind damage', async () => {
  const disk = await diskOf('closed')
  flip(disk, filesOf(disk, '.log')[0]!, BATCH * 8 + 3)
  const { part } = await start(disk)
  assert.equal((await part.log.offsetForTimestamp(1))?.offset, 0)
  flip(disk, filesOf(disk, '.log')[0]!, 3)
  const { part: next } = await start(disk.afterKill())
  assert.equal((await next.log.offsetForTimestamp(1))?.offset, 2)
})

test('no start has ever an end that no batch has led to', async () => {
  const disk = await diskOf('killed')
  const last = filesOf(disk, '.log').at(-1)!
  for (let bit = 0; bit < 64; bit++) {
    const spoilt = disk.afterKill()
    flip(spoilt, last, 3 * BATCH * 8 + bit)
    const part: OnePartition = await openOn(spoilt, config)
    assert.equal(part.log.logEndOffset, COUNT, `bit ${bit}`)
    await part.logs.close()
  }
})

test('segments behind a gap of which nothing says that it was ever filled are kept aside, not removed', async () => {
  const disk = await diskOf('killed')
  for (const name of filesOf(disk, '.index')) await disk.remove(name)
  const [, missing, last] = filesOf(disk, '.log')
  const content = disk.content(last!)
  await disk.remove(missing!)
  const { part, notices } = await start(disk)
  assert.deepEqual(await part.contents(), lines(0, 4))
  assert.deepEqual(disk.content(last!.replace('/data/', '/data/set-aside/')), content)
  assert.match(notices[0]!.text, /00000000000000000008\.log lay behind a write that a crash has cut short.* kept at/)
})
