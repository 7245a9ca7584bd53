// What lists of 10,000 groups x 10 partitions cost (goals: p99 50 ms, no turn above 15 ms). Client and broker share this process, so
// the pauses are those of both. Run by hand after `npm run build`: node bench/micro/api.mjs [groups]
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Admin, Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'

const groups = Number(process.argv[2] ?? 10_000)
const partitions = 10
const asks = 200

const broker = await startRivven({ http: true })
const { bootstrapServers, url } = broker
const admin = new Admin({ bootstrapServers })
await admin.createTopics([{ name: 'orders', partitions }])
const producer = new Producer({ bootstrapServers })
for (let partition = 0; partition < partitions; partition++)
  await producer.send({ topic: 'orders', partition, value: Buffer.from('x') })
const offsets = Array.from({ length: partitions }, (_, partition) => ({ topic: 'orders', partition, offset: 0 }))
for (let at = 0; at < groups; at += 100)
  await Promise.all(Array.from({ length: 100 }, (_, more) => admin.alterGroupOffsets(`group-${at + more}`, offsets)))

async function measure(what, ask) {
  for (let time = 0; time < 20; time++) await ask()
  const pauses = monitorEventLoopDelay({ resolution: 1 })
  pauses.enable()
  const cpu = process.cpuUsage()
  const times = []
  for (let time = 0; time < asks; time++) {
    const begun = performance.now()
    await ask()
    times.push(performance.now() - begun)
  }
  pauses.disable()
  const { user, system } = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  const [p50, p99] = [times[asks >> 1], times[Math.floor(asks * 0.99)]].map((ms) => ms.toFixed(1))
  const each = ((user + system) / 1000 / asks).toFixed(1)
  console.log(
    `${what}: p50 ${p50} ms, p99 ${p99} ms, longest pause ${(pauses.max / 1e6).toFixed(1)} ms, ${each} ms of CPU each`,
  )
}

const get = (path) => async () => void (await (await fetch(`${url}${path}`)).arrayBuffer())
await measure('a page by name', get('/api/groups'))
await measure('a page by lag', get('/api/groups?sort=lag&order=desc'))
await measure('a page of a search', get('/api/groups?search=999'))
await measure('1,000 rows', get('/api/groups?limit=1000'))
await measure('one group', get('/api/groups/group-7'))
await measure('the same over RivvenCall', () => admin.call('GET', '/api/groups/group-7'))
await Promise.all([producer.close(), admin.close()])
await broker.close()
