// What it costs to look at the lag of 10,000 groups with 10 partitions each, all of them behind: a pass of the sampler, its memory, and
// samples of metrics. And what the clock of a log costs an append.
// Run: npm run build && node --expose-gc bench/micro/lag.mjs [groups]
import { Readers } from '../../packages/broker/dist/src/fetch/readers.js'
import { lagMetrics } from '../../packages/broker/dist/src/http/lag-samples.js'
import { GroupLag } from '../../packages/broker/dist/src/lag/group-lag.js'
import { LogStore } from '../../packages/broker/dist/src/log/log-store.js'
import { AppendClock } from '../../packages/broker/dist/src/log/state/append-clock.js'
import { MemoryStorage } from '../../packages/broker/dist/src/storage/memory/memory-storage.js'
import { createShard, replay } from '../../packages/groups/dist/src/index.js'
import { buildBatch, ZERO_UUID } from '../../packages/protocol/dist/src/index.js'
import { nodeClock } from '../../packages/runtime/dist/src/index.js'
import { config } from './log-config.mjs'

const groupCount = Number(process.argv[2] ?? 10_000)
const partitions = 10
const topics = 100
const clock = { ...nodeClock, now: () => nodeClock.now(), monotonic: () => nodeClock.monotonic() }

async function world() {
  const logs = new LogStore({ storage: new MemoryStorage(clock), clock })
  const records = Array.from({ length: 100 }, () => ({ value: Buffer.from('x'), timestamp: 1 }))
  for (let topic = 0; topic < topics; topic++) {
    const all = Array.from({ length: partitions }, (_, partition) => partition)
    await logs.open({ name: `t${topic}`, id: 'AAAAAAAAAAAAAAAAAAAAAQ', configs: config }, all, 1)
    for (const partition of all)
      await logs
        .get(`t${topic}`, partition)
        .append(buildBatch({ records }), { acks: 1, origin: 'client', produceVersion: 9 })
  }
  const shard = createShard({ newId: () => 'id' })
  for (let group = 0; group < groupCount; group++) {
    for (let partition = 0; partition < partitions; partition++) {
      const times = { commitTimestamp: clock.now(), expireTimestamp: -1 }
      const offset = { offset: 10, leaderEpoch: -1, metadata: '', topicId: ZERO_UUID, ...times }
      replay(shard, { kind: 'OffsetCommitted', groupId: `g${group}`, topic: `t${group % topics}`, partition, offset })
    }
  }
  return { logs, shard }
}

/** The longest time that nobody else had a turn. */
function watchPauses() {
  let last = performance.now()
  let longest = 0
  let isOver = false
  const look = () => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  return () => {
    isOver = true
    return longest
  }
}

async function measure(name, work) {
  const pauses = watchPauses()
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  const ms = (performance.now() - start).toFixed(0)
  console.log(
    `${name.padEnd(44)} CPU ${((user + system) / 1000).toFixed(0)} ms, ${ms} ms, longest pause ${pauses().toFixed(1)} ms`,
  )
}

const { logs, shard } = await world()
const catalog = { topic: () => ({ id: 'AAAAAAAAAAAAAAAAAAAAAQ' }) }
const readers = new Readers(clock)
const endOffsets = { of: () => undefined }
const elsewhere = { of: () => undefined }
const lag = new GroupLag({
  catalog,
  logs,
  endOffsets,
  elsewhere,
  readers,
  clock,
  windowMs: 120_000,
  groups: () => shard.groups.values(),
})
globalThis.gc?.()
const before = process.memoryUsage()
await measure('first pass', () => lag.sampler.pass())
for (let pass = 0; pass < 3; pass++) await measure('pass', () => lag.sampler.pass())
globalThis.gc?.()
const after = process.memoryUsage()
const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
console.log(`tracks: ${(bytes / 1e6).toFixed(1)} MB`)
for (const detail of ['partition', 'group']) {
  await measure(`metrics of lag, ?detail=${detail}`, async () => {
    const sources = { catalog, logs, endOffsets, lag, detail }
    for (const metric of lagMetrics) for (const group of shard.groups.values()) metric.samplesOf(group, sources)
  })
}
const marks = new AppendClock()
const appends = 50_000_000
const start = performance.now()
for (let at = 0; at < appends; at++) marks.note(at, at >> 10)
console.log(`AppendClock.note: ${(((performance.now() - start) * 1e6) / appends).toFixed(2)} ns an append`)
await logs.close()
process.exit(0)
