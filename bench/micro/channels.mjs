// What the client's channels and figures cost a record while nobody listens: CPU of producing and reading 100 bytes, in ns per
// record, this build beside another one, in turns in one process, with the broker in a process of its own. Run by hand after
// `npm run build`, where FOLDER is another clone that was built:
//   node bench/micro/channels.mjs --before FOLDER
// Without it this build runs beside itself, which shows how far two runs of the same are apart.
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '../..')
const before = process.argv.indexOf('--before')
const folders = { before: resolve(before < 0 ? root : process.argv[before + 1]), now: root }
const RECORDS = 50_000
const ROUNDS = 11

const broker = spawn(process.execPath, [
  join(root, 'packages/rivvend/bin/rivvend.cjs'),
  '--memory',
  '--listen',
  '127.0.0.1:0',
  '--http',
  'off',
])
const bootstrapServers = await new Promise((found) => {
  let said = ''
  broker.stdout.on('data', (text) => {
    said += text
    const address = /127\.0\.0\.1:[1-9]\d*/.exec(said)
    if (address) found(address[0])
  })
})

const value = Buffer.alloc(100, 'x')
const records = Array.from({ length: 1_000 }, (_, index) => ({
  topic: 'records',
  partition: 0,
  key: `k${index}`,
  value,
}))

async function cpuOf(work) {
  const from = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(from)
  return ((user + system) * 1000) / RECORDS
}

/** The ways of a record, with one build of the client. */
async function waysWith(folder) {
  const { Producer, Consumer } = await import(pathToFileURL(join(folder, 'packages/client/dist/src/index.js')).href)
  const producer = new Producer({ bootstrapServers })
  const reader = async () => {
    const consumer = new Consumer({ bootstrapServers, enableAutoCommit: false })
    await consumer.assign([{ topic: 'records', partition: 0 }])
    consumer.seekToBeginning()
    await consumer.poll(10_000)
    consumer.seekToBeginning()
    return consumer
  }
  return {
    async sendMany() {
      for (let sent = 0; sent < RECORDS; sent += records.length) await producer.sendMany(records)
    },
    async send() {
      for (let sent = 0; sent < RECORDS; sent += records.length)
        await Promise.all(records.map((one) => producer.send(one)))
    },
    async poll() {
      const consumer = await reader()
      for (let read = 0; read < RECORDS; ) read += (await consumer.poll(10_000)).length
      await consumer.close()
    },
    async 'for await'() {
      const consumer = await reader()
      let read = 0
      for await (const record of consumer) if (record.offset >= 0 && ++read === RECORDS) break
      await consumer.close()
    },
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

const builds = { before: await waysWith(folders.before), now: await waysWith(folders.now) }
console.log(`${'CPU of a record of 100 bytes'.padEnd(30)} before        now      ratio (median of ${ROUNDS} pairs)`)
for (const way of ['sendMany', 'send', 'poll', 'for await']) {
  const ns = { before: [], now: [] }
  for (const build of ['before', 'now']) await cpuOf(builds[build][way])
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? ['before', 'now'] : ['now', 'before']
    for (const build of order) ns[build].push(await cpuOf(builds[build][way]))
  }
  const ratio = median(ns.now.map((now, at) => now / ns.before[at]))
  console.log(
    `${way.padEnd(30)} ${median(ns.before).toFixed(0).padStart(5)} ns ${median(ns.now).toFixed(0).padStart(8)} ns ${ratio.toFixed(3).padStart(10)}`,
  )
}
broker.kill()
process.exit(0)
