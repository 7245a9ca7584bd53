import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileStorage } from '../../src/storage/files/file-storage.js'
import type { StorageNotice } from '../../src/storage/notices.js'
import { StillClock } from '../log/log-fixture.js'
import { MemoryDisk } from './memory-disk.js'

const path = '/data/documents/catalog'
const content = Buffer.from('{"topics":["orders"]}')

async function openOn(disk: MemoryDisk) {
  const storage = await FileStorage.open({ folder: '/data', disk, clock: new StillClock() })
  const notices: StorageNotice[] = []
  storage.onNotice((notice) => notices.push(notice))
  return { storage, notices }
}

async function diskWith(old = false): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  const { storage } = await openOn(disk)
  await storage.writeDocument('catalog', content)
  await storage.writeDocument('ids', Buffer.from('{"next":7}'))
  if (old) {
    disk.change(path, () => content)
    await disk.remove(`${path}.copy`)
  }
  return disk
}

const damages: [string, (disk: MemoryDisk, path: string) => unknown][] = [
  ['missing', (disk, file) => disk.remove(file)],
  ['empty', (disk, file) => disk.change(file, () => Buffer.alloc(0))],
  ['cut', (disk, file) => disk.change(file, (bytes) => bytes.subarray(0, bytes.length - 3))],
  ['swapped', (disk, file) => disk.change(file, () => disk.content('/data/documents/ids'))],
  ['foreign', (disk, file) => disk.change(file, () => Buffer.from('{"topics":[]}'))],
]

for (const which of ['', '.copy']) {
  for (const [damage, spoil] of damages) {
    test(`a document whose ${which ? 'copy' : 'first file'} is ${damage} is read from the other one, and made whole`, async () => {
      const disk = await diskWith()
      await spoil(disk, path + which)
      const { storage, notices } = await openOn(disk)
      assert.deepEqual(await storage.readDocument('catalog'), content)
      assert.match(notices[0]!.text, /documents\/catalog.* Nothing is lost/)
      assert.equal(
        disk.names_().filter((name) => name.startsWith('/data/set-aside/')).length,
        damage === 'missing' ? 0 : 1,
      )
      assert.deepEqual(disk.content(path), disk.content(`${path}.copy`))
    })
  }
}

test('no flipped bit of a document gets through', async () => {
  const size = (await diskWith()).content(path).length
  for (let bit = 0; bit < size * 8; bit += 5) {
    const disk = await diskWith()
    disk.change(path, (bytes) => {
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      return bytes
    })
    const { storage, notices } = await openOn(disk)
    assert.deepEqual(await storage.readDocument('catalog'), content, `bit ${bit}`)
    assert.equal(notices.length, 1)
  }
})

test('a document of an earlier broker is read, and gets its checksum and copy', async () => {
  const disk = await diskWith(true)
  const { storage, notices } = await openOn(disk)
  assert.deepEqual(await storage.readDocument('catalog'), content)
  assert.deepEqual(notices, [])
  await disk.remove(path)
  const next = await openOn(disk)
  assert.deepEqual(await next.storage.readDocument('catalog'), content)
})

test('a document with both files damaged is refused, and left as it is', async () => {
  const disk = await diskWith()
  for (const name of [path, `${path}.copy`]) disk.change(name, (bytes) => bytes.fill(0, 40, 45))
  const before = [disk.content(path), disk.content(`${path}.copy`)]
  const { storage } = await openOn(disk)
  await assert.rejects(storage.readDocument('catalog'), {
    name: 'StoredDataError',
    message: /documents\/catalog is damaged, and its copy .* Put back either of them from a backup/,
  })
  assert.deepEqual([disk.content(path), disk.content(`${path}.copy`)], before)
})
