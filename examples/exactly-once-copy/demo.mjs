// `npm run demo:copy`: a broker on files, a topic of 6,000 records, two copiers; one is killed in the middle and comes back.
// A reader of the copy then has each record once, in order.
import { fork, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Admin, Consumer, Producer } from '@rivven/client'

const here = import.meta.dirname
const partitions = 4
const count = 6000
const patienceMs = 60_000

const dataDir = mkdtempSync(join(tmpdir(), 'rivven-copy-'))
const rivvend = join(here, '../../packages/rivvend/bin/rivvend.cjs')
const broker = spawn(process.execPath, [rivvend, '--listen', '127.0.0.1:0', '--data-dir', dataDir], {
  stdio: ['ignore', 'pipe', 'inherit'],
})

async function addressOf(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = line.match(/ready on (\S+)/)
    if (ready) return ready[1]
  }
  throw new Error('rivvend ended before it was ready; what it said stands above.')
}

const bootstrapServers = await addressOf(broker)
const startCopier = (name) => fork(join(here, 'copier.mjs'), [bootstrapServers, 'words', 'loud-words', name])

const admin = new Admin({ bootstrapServers })
for (const name of ['words', 'loud-words']) await admin.createTopics([{ name, partitions, replicationFactor: 1 }])
const producer = new Producer({ bootstrapServers })
await producer.sendMany(
  Array.from({ length: count }, (_, at) => ({ topic: 'words', partition: at % partitions, value: `word ${at}` })),
)
console.log(`${count} records are in "words"; two copiers start`)
const copiers = [startCopier('copier-0'), startCopier('copier-1')]

const reader = new Consumer({ bootstrapServers, isolationLevel: 'read_committed', autoOffsetReset: 'earliest' })
await reader.assign(Array.from({ length: partitions }, (_, partition) => ({ topic: 'loud-words', partition })))
let interrupted = 0
const interrupt = (status) => {
  interrupted = status
  reader.stop()
}
process.once('SIGINT', () => interrupt(130)).once('SIGTERM', () => interrupt(143))
const seen = Array.from({ length: partitions }, () => [])
let total = 0
let hasKilled = false
for (const deadline = performance.now() + patienceMs; total < count && interrupted === 0; ) {
  if (performance.now() > deadline) throw new Error(`Only ${total} of ${count} records were copied.`)
  for (const { partition, value } of await reader.poll(100)) {
    seen[partition].push(Number(String(value).slice(5)))
    total++
  }
  if (hasKilled || total < 500) continue
  hasKilled = true
  console.log(`${total} records are copied: SIGKILL to copier-0, which comes back`)
  copiers[0].kill('SIGKILL')
  copiers[0] = startCopier('copier-0')
}
total += (await reader.poll(500)).length
const isInOrder = seen.every((numbers) =>
  numbers.every((number, at) => at === 0 || number === numbers[at - 1] + partitions),
)
console.log(`${total} records are in "loud-words", ${isInOrder ? 'each once and in order' : 'and that is wrong'}`)

await endAll()
process.exit(interrupted || (isInOrder && total === count ? 0 : 1))

/** Copiers leave their group, then the broker goes, then its files. */
async function endAll() {
  await Promise.all(copiers.map(end))
  await Promise.all([reader.close(), producer.close(), admin.close()])
  await end(broker)
  rmSync(dataDir, { recursive: true, force: true })
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await new Promise((done) => child.once('exit', done))
}
