// The main job, end to end: a broker on local files, a topic of real order events, a group of consumers in processes of
// their own that share it; a fourth joins, one is killed; nothing is lost. `npm run demo`, and `npm run demo -- --keep`
// leaves the broker running. Lines piped in are produced too: `cat orders.ndjson | npm run demo`.
import { fork, spawn } from 'node:child_process'
import { createReadStream, fstatSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { Admin, Producer } from '@rivven/client'
import { Ledger } from './ledger.mjs'

const here = import.meta.dirname
const keep = process.argv.includes('--keep')
const group = 'order-processors'
const topic = 'orders'
const partitions = 6
/** Everything ends by itself: the demo gives up waiting after this long. */
const patienceMs = 50_000

const startedAt = Date.now()
const say = (text) => console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`)

async function startBroker(dataDir) {
  const bin = join(here, '../../packages/rivvend/bin/rivvend.cjs')
  const address = keep ? '127.0.0.1:9092' : '127.0.0.1:0'
  const broker = spawn(
    process.execPath,
    [bin, '--listen', address, '--data-dir', dataDir, '--set', 'group_initial_rebalance_delay_ms=500'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: keep,
    },
  )
  for await (const line of createInterface({ input: broker.stdout })) {
    const ready = line.match(/ready on (\S+)/)
    if (!ready) continue
    say(line)
    return { broker, bootstrapServers: ready[1] }
  }
  throw new Error('rivvend ended before it was ready; what it said stands above.')
}

function startWorker(name, bootstrapServers, ledger) {
  const worker = fork(join(here, 'worker.mjs'), [name, bootstrapServers])
  ledger.joined(name)
  worker.on('message', (message) => ledger.note(name, message))
  worker.on('exit', () => ledger.left(name, worker.signalCode))
  return worker
}

/** The file in the repository, then whatever is piped in: one event a line. */
async function* events() {
  yield* createInterface({ input: createReadStream(join(here, 'orders.ndjson')) })
  const input = fstatSync(0)
  if (input.isFIFO() || input.isFile()) yield* createInterface({ input: process.stdin })
}

function keyOf(line) {
  try {
    return String(JSON.parse(line).order ?? '') || null
  } catch {
    return null
  }
}

async function produceAll(producer, ledger) {
  let batch = []
  for await (const line of events()) {
    if (line === '') continue
    batch.push({ topic, key: keyOf(line), value: line })
    if (batch.length < 50) continue
    await send(producer, ledger, batch)
    batch = []
    await pause(200)
  }
  if (batch.length > 0) await send(producer, ledger, batch)
}

async function send(producer, ledger, batch) {
  for (const { partition, offset } of await Promise.all(batch.map((record) => producer.send(record)))) {
    ledger.produced(partition, offset)
  }
}

async function lagOf(admin) {
  const ends = await admin.listOffsets(
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition, timestamp: 'latest' })),
  )
  const committed = await admin.listGroupOffsets(group)
  return Array.from({ length: partitions }, (_, partition) => {
    const end = ends.find((entry) => entry.partition === partition)?.offset ?? 0
    const offset = committed.find((entry) => entry.topic === topic && entry.partition === partition)?.offset ?? 0
    return end - Math.max(0, offset)
  })
}

async function watch(admin, ledger, until) {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const lag = await lagOf(admin)
    const total = lag.reduce((sum, value) => sum + value, 0)
    say(`${ledger.ownership()}   lag ${lag.join(' ')} = ${total}`)
    if (until(total) || Date.now() > deadline) return total
    await pause(1000)
  }
}

async function stopWorkers(workers) {
  for (const worker of workers) if (worker.exitCode === null && worker.signalCode === null) worker.kill('SIGTERM')
  await Promise.all(
    workers.map(
      (worker) =>
        worker.exitCode !== null || worker.signalCode !== null || new Promise((done) => worker.once('exit', done)),
    ),
  )
}

/** Ctrl-C ends all of it in good order: the workers leave their group, then the broker goes, then its files. */
function endOnSignals(workers, broker, dataDir) {
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(signal, async () => {
      await stopWorkers(workers)
      await stopBroker(broker, dataDir)
      process.exit(status)
    })
  }
}

async function main() {
  const dataDir = mkdtempSync(join(tmpdir(), 'rivven-demo-'))
  const { broker, bootstrapServers } = await startBroker(dataDir)
  const ledger = new Ledger()
  const admin = new Admin({ bootstrapServers: [bootstrapServers] })
  const producer = new Producer({ bootstrapServers: [bootstrapServers] })
  await admin.createTopics([{ name: topic, partitions }])
  say(`topic ${topic} has ${partitions} partitions; three consumers of ${group} start, and orders come in`)
  const workers = ['worker-1', 'worker-2', 'worker-3'].map((name) => startWorker(name, bootstrapServers, ledger))
  endOnSignals(workers, broker, dataDir)
  const producing = produceAll(producer, ledger)
  let produced = false
  producing.then(() => {
    produced = true
  })
  const story = async () => {
    await pause(5000)
    say('worker-4 joins')
    workers.push(startWorker('worker-4', bootstrapServers, ledger))
    await pause(5000)
    say('worker-2 is killed (SIGKILL): its partitions go to the others once its session (6 s) has run out')
    workers[1].kill('SIGKILL')
  }
  const telling = story()
  await Promise.all([
    producing,
    telling,
    watch(admin, ledger, (total) => produced && total === 0 && ledger.hasHandledAll()),
  ])
  await stopWorkers(workers)
  await producer.close()
  await admin.close()
  const lost = ledger.summary(say)
  if (keep) leaveRunning(broker, bootstrapServers, dataDir)
  else await stopBroker(broker, dataDir)
  process.exitCode = lost === 0 ? 0 : 1
}

async function stopBroker(broker, dataDir) {
  broker.kill('SIGTERM')
  if (broker.exitCode === null && broker.signalCode === null) await new Promise((done) => broker.once('exit', done))
  rmSync(dataDir, { recursive: true, force: true })
}

function leaveRunning(broker, bootstrapServers, dataDir) {
  broker.stdout.destroy()
  broker.unref()
  console.log(`
The broker goes on: ${bootstrapServers}, data in ${dataDir}, process ${broker.pid}. Talk to it:
  npx rivvenctl --bootstrap-servers ${bootstrapServers} group describe ${group}
  npx rivvenctl --bootstrap-servers ${bootstrapServers} group lag ${group}
  npx rivvenctl --bootstrap-servers ${bootstrapServers} consume ${topic} --from-beginning --max-messages 5
End it:  kill ${broker.pid}`)
}

await main()
