import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Admin, Consumer } from '@rivven/client'

const root = join(import.meta.dirname, '../../..')
const rivvend = join(root, 'packages/broker/bin/rivvend.cjs')
const kills = 20
const topic = 'crashes'
const partitions = 3

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}

/** Starts the broker; resolves when it says that it is ready. */
async function startBroker(port: number, dataDir: string): Promise<ChildProcess> {
  const broker = spawn(process.execPath, [rivvend, '--listen', `127.0.0.1:${port}`, '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: broker.stdout! })) if (line.includes('ready on')) return broker
  throw new Error('rivvend ended before it was ready')
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((done) => child.once('exit', done))
  child.kill(signal)
  await gone
}

interface Acknowledged {
  id: number
  partition: number
  offset: number
}

function startProducer(port: number): { process: ChildProcess; acknowledged: Acknowledged[] } {
  const worker = spawn(process.execPath, [join(import.meta.dirname, 'worker.js'), `127.0.0.1:${port}`, topic], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: Acknowledged[] = []
  createInterface({ input: worker.stdout! }).on('line', (line) => acknowledged.push(JSON.parse(line) as Acknowledged))
  return { process: worker, acknowledged }
}

/** Waits until acknowledgements come again, then a little, different each time, so that kills meet every moment. */
async function someLoad(acknowledged: Acknowledged[], round: number): Promise<void> {
  const before = acknowledged.length
  const deadline = performance.now() + 30_000
  while (acknowledged.length < before + 50) {
    assert.ok(performance.now() < deadline, `no acknowledgement within 30 s after restart ${round}`)
    await pause(5)
  }
  await pause((round * 37) % 150)
}

async function readAll(port: number): Promise<{ id: string; partition: number; offset: number }[]> {
  const consumer = new Consumer({
    bootstrapServers: [`127.0.0.1:${port}`],
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
  })
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  await consumer.assign(all)
  const admin = new Admin({ bootstrapServers: [`127.0.0.1:${port}`] })
  const ends = await admin.listOffsets(all.map((entry) => ({ ...entry, timestamp: 'latest' as const })))
  const expected = ends.reduce((sum, { offset }) => sum + offset, 0)
  const records: { id: string; partition: number; offset: number }[] = []
  while (records.length < expected) {
    for (const record of await consumer.poll(500))
      records.push({ id: String(record.value), partition: record.partition, offset: record.offset })
  }
  await consumer.close()
  await admin.close()
  return records
}

test(`${kills} times killed under load, the broker loses nothing acknowledged and holds nothing twice`, {
  timeout: 240_000,
}, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rivven-crash-'))
  const port = await freePort()
  let broker = await startBroker(port, dataDir)
  const admin = new Admin({ bootstrapServers: [`127.0.0.1:${port}`] })
  await admin.createTopics([{ name: topic, partitions }])
  await admin.close()
  const producer = startProducer(port)
  try {
    for (let round = 0; round < kills; round++) {
      await someLoad(producer.acknowledged, round)
      await kill(broker, 'SIGKILL')
      broker = await startBroker(port, dataDir)
    }
    await someLoad(producer.acknowledged, kills)
    await kill(producer.process, 'SIGTERM')
    const stored = await readAll(port)
    const at = new Map(stored.map((record) => [`${record.partition}/${record.offset}`, record.id]))
    const lost = producer.acknowledged.filter(
      ({ id, partition, offset }) => at.get(`${partition}/${offset}`) !== String(id),
    )
    assert.deepEqual(lost, [], 'acknowledged records that are not where they were acknowledged')
    assert.equal(new Set(stored.map(({ id }) => id)).size, stored.length, 'records stored twice')
  } finally {
    producer.process.kill('SIGKILL')
    broker.kill('SIGKILL')
    rmSync(dataDir, { recursive: true, force: true })
  }
})
