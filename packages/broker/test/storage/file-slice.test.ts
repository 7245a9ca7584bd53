import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchBaseOffset, batchesOf, batchNextOffset, ErrorCode } from '@rivven/protocol'
import fc from 'fast-check'
import type { ReadResult } from '../../src/log/partition-log.js'
import { FileStorage } from '../../src/storage/files/file-storage.js'
import { batchOf, OnePartition, StillClock } from '../log/log-fixture.js'
import { filesOf } from './file-partition.js'
import { MemoryDisk } from './memory-disk.js'

/** A partition on a disk, with batches of these sizes. */
async function partitionOf(sizes: readonly number[], limits: { tailCacheBytes?: number; openFiles?: number } = {}) {
  const clock = new StillClock()
  const disk = new MemoryDisk()
  const open = () => FileStorage.open({ folder: '/data', disk, clock, ...limits })
  const part = await new OnePartition(open, clock, { segmentBytes: 400_000 }).start()
  for (const [index, size] of sizes.entries())
    await part.append(batchOf([`k${index}=${'v'.repeat(size)}`, `l${index}=`]))
  return { part, disk }
}

/** Everything a read has given, read now. */
async function bytesOf({ records, later }: ReadResult): Promise<Buffer> {
  if (!later) return Buffer.concat(records)
  assert.deepEqual(records, [])
  const bytes = Buffer.alloc(later.length)
  await later.read(0, bytes)
  later.release()
  return bytes
}

test('what may not be held comes as a slice of the file, of the very bytes that a read gives', async () => {
  const { part } = await partitionOf([100_000, 100_000, 100_000])
  const held = await part.read(0, { maxBytes: 250_000 })
  const sliced = await part.read(0, { maxBytes: 250_000, mayHold: 1000 })
  assert.equal(sliced.later?.length, sliced.size)
  assert.equal(sliced.size, held.size)
  assert.deepEqual(await bytesOf(sliced), await bytesOf(held))
  await part.logs.close()
})

test('what is small, or may be held, is read into memory', async () => {
  const { part } = await partitionOf([1000, 1000])
  assert.equal((await part.read(0, { maxBytes: 50_000_000, mayHold: 100_000 })).later, undefined)
  assert.equal((await part.read(0, { maxBytes: 50_000_000 })).later, undefined)
  await part.logs.close()
})

test('slices hold whole batches, one at least, from the one that holds the offset on, and go on to the end of the log', async () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 3000, max: 90_000 })), {
    minLength: 1,
    maxLength: 60,
  })
  const property = fc.asyncProperty(
    sizes,
    fc.integer({ min: 0, max: 200_000 }),
    fc.integer({ min: 0, max: 5000 }),
    fc.boolean(),
    async (batches, maxBytes, mayHold, isCached) => {
      const { part } = await partitionOf(batches, isCached ? {} : { tailCacheBytes: 0 })
      for (let offset = 0; offset < part.log.highWatermark; ) {
        const read = await part.read(offset, { maxBytes, mayHold })
        const found = [...batchesOf(await bytesOf(read))]
        assert.ok(found.length > 0, `nothing at ${offset}`)
        assert.ok(read.size <= maxBytes || found.length === 1)
        assert.ok(batchBaseOffset(found[0]!) <= offset && batchNextOffset(found[0]!) > offset)
        for (const [at, batch] of found.slice(1).entries())
          assert.equal(batchBaseOffset(batch), batchNextOffset(found[at]!))
        offset = batchNextOffset(found.at(-1)!)
      }
      await part.logs.close()
    },
  )
  await fc.assert(property, { numRuns: 60 })
})

test('a slice can be read to its end although its segment is removed, and then its file is closed', async () => {
  const { part, disk } = await partitionOf([90_000, 90_000, 90_000, 90_000, 90_000, 90_000])
  const expected = await bytesOf(await part.read(0, { maxBytes: 250_000 }))
  const sliced = await part.read(0, { maxBytes: 250_000, mayHold: 0 })
  const open = disk.openFiles
  await part.log.store.removeSegmentsBefore(part.log.store.segments.at(-1)!.baseOffset)
  assert.equal(disk.openFiles, open)
  assert.deepEqual(await bytesOf(sliced), expected)
  assert.equal(disk.openFiles, open - 1)
  await part.logs.close()
})

test('a partition can be deleted while a peer takes its time with a slice of it', async () => {
  const { part, disk } = await partitionOf([90_000, 90_000, 90_000])
  const sliced = await part.read(0, { maxBytes: 180_500, mayHold: 0 })
  const size = sliced.size
  await part.logs.delete('orders')
  assert.equal((await bytesOf(sliced)).length, size)
  await part.logs.close()
  assert.equal(disk.openFiles, 0)
})

test('where half of all files are kept open already, a little is read into memory instead', async () => {
  const { part } = await partitionOf(new Array(12).fill(90_000), { tailCacheBytes: 0, openFiles: 2 })
  const first = await part.read(0, { maxBytes: 250_000, mayHold: 100_000 })
  const second = await part.read(part.log.highWatermark - 6, { maxBytes: 250_000, mayHold: 100_000 })
  assert.ok(first.later)
  assert.equal(second.later, undefined)
  assert.ok(second.size > 0 && second.size <= 100_000)
  first.later.release()
  const third = await part.read(part.log.highWatermark - 6, { maxBytes: 250_000, mayHold: 100_000 })
  assert.ok(third.later)
  third.later.release()
  await part.logs.close()
})

test('what is found to be damaged while it is sent is told to whoever reads there again, and everything else is served', async () => {
  const { part, disk } = await partitionOf([90_000, 90_000, 90_000, 10], { tailCacheBytes: 0 })
  const [segment] = filesOf(disk, '.log')
  const size = (await part.read(0, { maxBytes: 1 })).size
  disk.change(segment!, (bytes) => {
    // The base offset of the second batch.
    bytes[size + 3] = 1
    return bytes
  })
  const sliced = await part.read(0, { maxBytes: 400_000, mayHold: 0 })
  assert.ok(sliced.later)
  await assert.rejects(bytesOf(sliced), /damaged/)
  sliced.later.release()
  assert.equal((await part.read(0, { maxBytes: 400_000, mayHold: 300_000 })).size, size)
  assert.equal((await part.read(2, { maxBytes: 400_000, mayHold: 300_000 })).errorCode, ErrorCode.CORRUPT_MESSAGE)
  assert.equal(batchBaseOffset((await part.read(4, { maxBytes: 100_000, mayHold: 300_000 })).records[0]!), 4)
  await part.logs.close()
})
