import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32c } from '@rivven/protocol'
import { batchOf } from '../log/log-fixture.js'
import { FOLDER, filesOf, openOn } from './file-partition.js'
import { MemoryDisk } from './memory-disk.js'

const BATCH = batchOf(['k0=v']).length

/** Version 1: without the number that says whose checkpoint it is, and without a second file. */
function checkpointOfOld(bytes: Buffer): Buffer {
  const old = Buffer.concat([bytes.subarray(0, 8 + 4 * 8), bytes.subarray(8 + 5 * 8)])
  return sealed(old, 0, old.length - 4)
}

/** Version 1: without the numbers that say whose index it is. */
function indexOfOld(bytes: Buffer): Buffer {
  const head = Buffer.concat([bytes.subarray(0, 8 + 8 * 8), Buffer.alloc(4)])
  return Buffer.concat([sealed(head, 0, head.length - 4), bytes.subarray(8 + 10 * 8 + 4)])
}

function sealed(bytes: Buffer, from: number, to: number): Buffer {
  bytes.writeUInt32LE(1, 4)
  bytes.writeUInt32LE(crc32c(bytes.subarray(from, to)), to)
  return bytes
}

/** 10 records in 3 segments, the first two deleted, as a broker of 0.1 has left them. */
async function oldDisk(): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  const part = await openOn(disk, { segmentBytes: BATCH * 4 })
  for (let index = 0; index < 10; index++) await part.append(batchOf([`k${index}=v`]))
  await part.log.deleteRecordsBefore(2)
  await part.logs.close()
  for (const name of filesOf(disk, '.index')) disk.change(name, indexOfOld)
  for (const name of filesOf(disk, 'checkpoint')) disk.change(name, checkpointOfOld)
  for (const name of disk.names_()) if (/\.(earlier|copy)$/.test(name)) await disk.remove(name)
  disk.change('/data/documents/leader-epoch', () => Buffer.from('0\n'))
  return disk
}

const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `${from + at} k${from + at}=v`)

async function open(disk: MemoryDisk) {
  const notices: string[] = []
  const part = await openOn(disk, { segmentBytes: BATCH * 4 })
  part.storage.onNotice(({ text }) => notices.push(text))
  return { part, notices }
}

test('the files of earlier brokers are read, and written as they are now', async () => {
  const disk = await oldDisk()
  const { part, notices } = await open(disk)
  assert.deepEqual(await part.contents(), lines(2, 10))
  await part.append(batchOf(['k10=v']))
  await part.restart()
  assert.deepEqual(await part.contents(), [...lines(2, 10), '10 k10=v'])
  assert.deepEqual(notices, [])
  assert.equal(disk.content(`${FOLDER}/checkpoint`).readUInt32LE(4), 2)
  assert.match(disk.content('/data/documents/leader-epoch').toString(), /^rivven-document 1 leader-epoch 2 \w+\n2\n$/)
})

test('an index of an earlier broker that is swapped with another segment’s is made again', async () => {
  const disk = await oldDisk()
  const [first, second] = filesOf(disk, '.index')
  const [a, b] = [disk.content(first!), disk.content(second!)]
  disk.change(first!, () => b)
  disk.change(second!, () => a)
  const { part } = await open(disk)
  for (let offset = 2; offset < 10; offset++) assert.deepEqual(await part.contents(offset), lines(offset, 10))
})

test('a checkpoint of an earlier broker that cannot be this partition’s does not count', async () => {
  const disk = await oldDisk()
  disk.change(`${FOLDER}/checkpoint`, (bytes) => {
    bytes.writeDoubleLE(500, 16)
    bytes.writeDoubleLE(400, 24)
    return sealed(bytes, 0, bytes.length - 4)
  })
  const { part, notices } = await open(disk)
  assert.equal(part.log.logEndOffset, 10)
  assert.match(notices.join(), /checkpoint is damaged, and kept at .* may be back/)
})
