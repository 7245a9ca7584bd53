import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OnePartition, sequenced } from '../log/log-fixture.js'
import { openOn } from './file-partition.js'
import { MemoryDisk } from './memory-disk.js'

/** What the client of a crashed broker knows. */
interface Knowledge {
  /** Offsets by sequence. */
  durable: Map<number, number>
  written: Map<number, number>
  /** Everything below may be gone. */
  deletedBefore: number
}

const BATCH = sequenced(7, 0, 0).length
const config = {
  segmentBytes: BATCH * 3,
  retentionMs: -1,
  minCleanableDirtyRatio: 0,
  cleanupPolicy: { compact: true, delete: true },
}

/** Appends, rolls, deletes, compacts and restarts, until the disk stops. Same operations each time. */
async function live(disk: MemoryDisk, known: Knowledge): Promise<void> {
  const part = await openOn(disk, config)
  let sequence = 0
  const append = async (count: number, acks: -1 | 1) => {
    const answers = Array.from({ length: count }, () => part.append(sequenced(7, 0, sequence++), acks))
    for (const [index, result] of (await Promise.all(answers)).entries()) {
      if (result.errorCode !== 0) throw new Error('stopped')
      const at = sequence - count + index
      known.written.set(at, result.baseOffset)
      if (acks === -1) known.durable.set(at, result.baseOffset)
    }
  }
  await append(2, 1)
  await append(5, -1)
  await append(1, -1)
  known.deletedBefore = 2
  await part.log.deleteRecordsBefore(2)
  await append(4, 1)
  await part.logs.retain()
  await part.logs.clean()
  await append(2, -1)
  await part.logs.close()
  await part.start()
  await append(4, -1)
  known.deletedBefore = 9
  await part.log.deleteRecordsBefore(9)
  await part.logs.retain()
  await part.logs.clean()
  await append(2, 1)
  await part.logs.close()
}

async function crashAt(operation: number, image: (disk: MemoryDisk) => MemoryDisk) {
  const disk = new MemoryDisk()
  disk.fault = { at: operation, kind: 'stop' }
  const known: Knowledge = { durable: new Map(), written: new Map(), deletedBefore: 0 }
  let isComplete = true
  await live(disk, known).catch(() => {
    isComplete = false
  })
  // Let what is under way run into the stopped disk.
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
  return { disk: image(disk), known, isComplete }
}

/** Every acknowledged record is at its offset, in order, and the producer can go on where it was. */
async function checkRecovered(
  part: OnePartition,
  acknowledged: Map<number, number>,
  deletedBefore: number,
): Promise<void> {
  const contents = await part.contents()
  const offsets = contents.map((line) => Number(line.split(' ')[0]))
  assert.deepEqual(
    offsets,
    [...offsets].sort((a, b) => a - b),
  )
  for (const line of contents) {
    const [offset, record] = line.split(' ')
    // One record a batch, one batch a sequence, nothing refused: sequence and offset are the same.
    assert.equal(record, `k${offset}=v`)
  }
  for (const [sequence, offset] of acknowledged) {
    assert.ok(
      offset < part.log.logEndOffset,
      `offset ${offset} was acknowledged, the log ends at ${part.log.logEndOffset}`,
    )
    if (offset >= deletedBefore) assert.ok(contents.includes(`${offset} k${sequence}=v`), `offset ${offset} is lost`)
  }
  const end = part.log.logEndOffset
  const last = Math.max(-1, ...acknowledged.keys())
  if (last >= 0 && last >= end - 5) {
    assert.equal((await part.append(sequenced(7, 0, last))).baseOffset, last, 'a repeated batch is known again')
  }
  const next = await part.append(sequenced(7, 0, end))
  assert.deepEqual([next.errorCode, next.baseOffset], [0, end])
  assert.ok((await part.contents()).includes(`${end} k${end}=v`))
}

for (const kind of ['kill', 'power cut'] as const) {
  test(`a ${kind} at any operation of the disk loses nothing acknowledged`, { timeout: 120_000 }, async () => {
    const image = (disk: MemoryDisk) => (kind === 'kill' ? disk.afterKill() : disk.afterPowerCut())
    let operation = 0
    for (let isComplete = false; !isComplete; operation++) {
      const crash = await crashAt(operation, image)
      isComplete = crash.isComplete
      const { durable, written, deletedBefore } = crash.known
      try {
        const part = await openOn(crash.disk, config)
        await checkRecovered(part, kind === 'kill' ? written : durable, deletedBefore)
        await part.logs.close()
      } catch (error) {
        throw new Error(`after a crash at operation ${operation}`, { cause: error })
      }
    }
    assert.ok(operation > 100, `${operation} crash points`)
  })

  test(`a second ${kind} during recovery loses nothing either`, { timeout: 120_000 }, async () => {
    const image = (disk: MemoryDisk) => (kind === 'kill' ? disk.afterKill() : disk.afterPowerCut())
    for (let first = 20; first < 200; first += 9) {
      const crash = await crashAt(first, image)
      for (let second = 0; second < 6; second++) {
        const disk = image(crash.disk)
        disk.fault = { at: second, kind: 'stop' }
        await openOn(disk, config).catch(() => undefined)
        const part = await openOn(image(disk), config)
        const { durable, written, deletedBefore } = crash.known
        await checkRecovered(part, kind === 'kill' ? written : durable, deletedBefore)
        await part.logs.close()
      }
    }
  })
}
