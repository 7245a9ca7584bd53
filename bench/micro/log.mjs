// What the partition log costs by itself, without sockets: appends of several shapes, and reads of what was appended.
// Run: npm run build && node bench/micro/log.mjs [folder]     (MB/s are 10^6 bytes; CPU is of this process)
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogStore } from '../../packages/broker/dist/src/log/log-store.js'
import { FileStorage } from '../../packages/broker/dist/src/storage/files/file-storage.js'
import { MemoryStorage } from '../../packages/broker/dist/src/storage/memory/memory-storage.js'
import { buildBatch } from '../../packages/protocol/dist/src/index.js'
import { nodeClock, nodeDisk } from '../../packages/runtime/dist/src/index.js'
import { config } from './log-config.mjs'

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'rivven-log-'))

async function measure(name, bytes, requests, work) {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  const rate = `${(bytes / 1000 / ms).toFixed(0)} MB/s`.padStart(11)
  const perSecond = `${((requests / ms) * 1000).toFixed(0)}/s`.padStart(10)
  console.log(`${name.padEnd(58)} ${rate} ${perSecond}  CPU ${((user + system) / 1000 / ms).toFixed(2)}`)
}

/** `connections` loops on a partition each; each keeps `inFlight` appends going. Every batch is a copy, as from a socket. */
async function produce(logs, { batch, total, connections, inFlight, acks }) {
  let left = total
  const loop = async (log) => {
    while (left-- > 0) {
      const { errorCode } = await log.append(Buffer.from(batch), { acks, origin: 'client', produceVersion: 9 })
      if (errorCode !== 0) throw new Error(`append answered ${errorCode}`)
      // As a request from a socket: never in the same turn as its predecessor's answer.
      if (acks !== -1) await new Promise(setImmediate)
    }
  }
  await Promise.all(Array.from({ length: connections * inFlight }, (_, index) => loop(logs[index % connections])))
}

async function consume(log, maxBytes) {
  let offset = 0
  let bytes = 0
  let requests = 0
  while (offset < log.highWatermark) {
    const read = await log.read({ offset, maxBytes, atLeastOne: true, isolation: 'uncommitted' })
    const last = read.records.at(-1)
    let at = 0
    while (at < last.length) {
      const next = at + last.readInt32BE(at + 8) + 12
      if (next >= last.length) offset = last.readUInt32BE(at + 4) + last.readInt32BE(at + 23) + 1
      at = next
    }
    bytes += read.size
    requests++
  }
  return { bytes, requests }
}

function batchOf(size, recordSize = 1024) {
  const value = Buffer.alloc(recordSize - 20, 'x')
  const records = Array.from({ length: Math.max(1, Math.floor(size / recordSize)) }, () => ({ value, timestamp: 1 }))
  return buildBatch({ records })
}

/** Of the last opening. */
let epoch = 0

async function run(engine, storage) {
  const store = new LogStore({ storage, clock: nodeClock })
  await store.open({ name: 'bench', id: 'benchbenchbenchbenchbe', configs: config }, [0, 1, 2, 3, 4, 5, 6, 7], ++epoch)
  const logs = [0, 1, 2, 3, 4, 5, 6, 7].map((partition) => store.get('bench', partition))
  const shapes = [
    ['64 KiB, 2 x 4, acks 1', { batch: batchOf(65536), total: 4000, connections: 2, inFlight: 4, acks: 1 }],
    ['64 KiB, 8 x 4, acks 1', { batch: batchOf(65536), total: 4000, connections: 8, inFlight: 4, acks: 1 }],
    ['1 MiB, 2 x 2, acks 1', { batch: batchOf(1048576), total: 250, connections: 2, inFlight: 2, acks: 1 }],
    ['1 KiB, 8 x 4, acks 1', { batch: batchOf(1024), total: 100000, connections: 8, inFlight: 4, acks: 1 }],
    ['64 KiB, 2 x 4, acks -1', { batch: batchOf(65536), total: 3000, connections: 2, inFlight: 4, acks: -1 }],
    ['64 KiB, 8 x 4, acks -1', { batch: batchOf(65536), total: 3000, connections: 8, inFlight: 4, acks: -1 }],
    ['1 KiB, 8 x 4, acks -1', { batch: batchOf(1024), total: 20000, connections: 8, inFlight: 4, acks: -1 }],
    ['1 KiB, 1 x 1, acks -1', { batch: batchOf(1024), total: 1000, connections: 1, inFlight: 1, acks: -1 }],
  ]
  for (let round = 0; round < 2; round++) {
    for (const [name, shape] of shapes) {
      const bytes = shape.batch.length * shape.total
      await measure(`${engine}: append ${name}`, bytes, shape.total, () => produce(logs, shape))
    }
  }
  await store.close()
}

async function reopen(storage) {
  const start = performance.now()
  const store = new LogStore({ storage, clock: nodeClock })
  await store.open({ name: 'bench', id: 'benchbenchbenchbenchbe', configs: config }, [0, 1, 2, 3, 4, 5, 6, 7], ++epoch)
  const logs = [0, 1, 2, 3, 4, 5, 6, 7].map((partition) => store.get('bench', partition))
  const bytes = logs.reduce((sum, { size }) => sum + size, 0)
  console.log(`open ${(bytes / 1e9).toFixed(2)} GB after a clean stop: ${(performance.now() - start).toFixed(0)} ms`)
  for (const maxBytes of [1048576, 1048576, 8388608, 65536]) {
    const name = `files: fetch from files, ${maxBytes} bytes`
    const cpu = process.cpuUsage()
    const began = performance.now()
    const read = await consume(logs[0], maxBytes)
    const ms = performance.now() - began
    const { user, system } = process.cpuUsage(cpu)
    console.log(
      `${name.padEnd(58)} ${(read.bytes / 1000 / ms).toFixed(0).padStart(6)} MB/s ${((read.requests / ms) * 1000).toFixed(0).padStart(8)}/s  CPU ${((user + system) / 1000 / ms).toFixed(2)}`,
    )
  }
}

await run('memory', new MemoryStorage(nodeClock))
const storage = await FileStorage.open({ folder, disk: nodeDisk, clock: nodeClock })
await run('files', storage)
await reopen(await FileStorage.open({ folder, disk: nodeDisk, clock: nodeClock }))
rmSync(folder, { recursive: true })
