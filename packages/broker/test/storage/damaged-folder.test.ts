import assert from 'node:assert/strict'
import { basename, dirname, extname } from 'node:path'
import { before, test } from 'node:test'
import { DataFolder } from './data-folder-under-test.js'
import { MemoryDisk } from './memory-disk.js'

/** A folder after a clean end, and one after a kill, with a journal. */
const ends: Record<'clean' | 'killed', { disk: MemoryDisk; contents: string[] }> = {} as never
/** Offsets that were committed, in the course of time. */
const history = [0, 1, 2].map((partition) => [0, 1, 2, 3].map((round) => round * 10 + partition))
const newest = history.map((offsets) => offsets.at(-1)!)
const lastOffsets = 12

before(async () => {
  const disk = new MemoryDisk()
  const folder = await DataFolder.open(disk)
  await folder.fill()
  const contents = await folder.contents()
  ends.killed = { disk: disk.afterKill(), contents }
  await folder.logs.close()
  ends.clean = { disk: disk.afterKill(), contents }
})

type Spoil = (disk: MemoryDisk, path: string) => unknown

const flipAt =
  (share: number): Spoil =>
  (disk, path) =>
    disk.change(path, (bytes) => {
      if (bytes.length > 0) bytes[Math.floor((bytes.length - 1) * share)]! ^= 1 << Math.floor(share * 7)
      return bytes
    })

const damages: Record<string, Spoil> = {
  missing: (disk, path) => disk.remove(path),
  empty: (disk, path) => disk.change(path, () => Buffer.alloc(0)),
  'cut in half': (disk, path) => disk.change(path, (bytes) => bytes.subarray(0, bytes.length >> 1)),
  'cut by a byte': (disk, path) => disk.change(path, (bytes) => bytes.subarray(0, Math.max(0, bytes.length - 1))),
  swapped: swapWithSibling,
  foreign: (disk, path) => disk.change(path, () => Buffer.from('{"a file":"of something else"}\n')),
  ...Object.fromEntries([0, 0.04, 0.13, 0.29, 0.5, 0.77, 1].map((share) => [`one bit at ${share}`, flipAt(share)])),
}

function swapWithSibling(disk: MemoryDisk, path: string): void {
  const isLike = (name: string) => name !== path && extname(name) === extname(path)
  const near = disk.names_().filter((name) => isLike(name) && dirname(name) === dirname(path))
  const other = near[0] ?? disk.names_().find(isLike)
  if (other === undefined) return
  const [mine, others] = [disk.content(path), disk.content(other)]
  disk.change(path, () => others)
  disk.change(other, () => mine)
}

/** Whether a damage of this file can cost a record of this topic-partition: only that of a segment can. */
function mayCost(path: string, line: string): boolean {
  const [partition] = line.split(' ')
  return extname(path) === '.log' && basename(dirname(path)).startsWith(`${partition}.`)
}

async function check(end: 'clean' | 'killed', path: string, damage: string): Promise<void> {
  const { contents } = ends[end]
  const disk = ends[end].disk.afterKill()
  await damages[damage]!(disk, path)
  const spoilt = disk.names_().includes(path) ? disk.content(path) : Buffer.alloc(0)

  const folder = await DataFolder.open(disk)
  const read = await folder.contents()
  const known = new Set(contents)
  assert.deepEqual(
    read.filter((line) => !known.has(line)),
    [],
    'nothing is read that was not written',
  )
  const lost = contents.filter((line) => !read.includes(line))
  assert.deepEqual(
    lost.filter((line) => !mayCost(path, line)),
    [],
    'nothing is lost that was not damaged',
  )
  assert.deepEqual(folder.log('orders', 0).logStartOffset >= 4, true, 'deleted records stay deleted')

  const offsets = await folder.committed()
  for (const [partition, offset] of offsets.entries()) {
    const mayBeOlder = path.includes('__consumer_offsets') && extname(path) === '.log'
    if (mayBeOlder) assert.ok([-1, ...history[partition]!].includes(offset), `offset ${offset} was never committed`)
    else assert.equal(offset, newest[partition])
  }

  await folder.compact()
  const compacted = await folder.contents()
  assert.deepEqual(
    compacted.filter((line) => !known.has(line)),
    [],
    'compaction makes nothing up',
  )
  const newestValues = contents.filter((line) => /table-0 .*value3/.test(line) && !lost.includes(line))
  for (const line of newestValues) assert.ok(compacted.includes(line), `${line} is gone after compaction`)

  for (const log of folder.all()) {
    assert.ok(Number.isSafeInteger(log.logEndOffset) && log.logEndOffset < 1000, `an end of ${log.logEndOffset}`)
    if (!path.includes(log.topic)) assert.equal(log.logEndOffset, lastOffsets)
  }
  const told = [...folder.notices.map(({ text }) => text), ...folder.refused]
  const partition = basename(dirname(path)).replace(/\..*/, '')
  if (lost.length > 0)
    assert.ok(
      told.some((text) => text.includes(`${partition}.`)),
      `nothing told: ${told}`,
    )
  const isKept = spoilt.length === 0 || disk.names_().some((name) => disk.content(name).includes(spoilt))
  // Of what was never promised the end may be cut; the rest is only a help, or there twice.
  const mayGo = end === 'killed' && extname(path) === '.log'
  const isHelp = ['.index', '.earlier'].includes(extname(path)) || path.includes('/journal/')
  if (mayGo || isHelp) return folder.logs.close()
  assert.ok(isKept, 'what was damaged is still somewhere')
  await folder.logs.close()
}

for (const end of ['clean', 'killed'] as const) {
  for (const damage of Object.keys(damages)) {
    test(`any one file ${damage} after a ${end} end: nothing else is lost, nothing wrong is served`, {
      timeout: 120_000,
    }, async () => {
      for (const path of ends[end].disk.names_()) {
        try {
          await check(end, path, damage)
        } catch (error) {
          throw new Error(`${path}, ${damage}: ${(error as Error).message}`, { cause: error })
        }
      }
    })
  }
}
