// main.mjs [--groups N] [--ids N] [--only WORD]: sends requests as large as a broker takes to one of its own, each beside a
// heartbeat every 20 ms on another connection. Of each a JSON object on stdout: bytes of the request, the longest turn of
// the broker's event loop (by the clock, and by the CPU), the longest wait for a heartbeat, how far memory rose, how long
// all took. Starts of that broker, before and after, are measured, too.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startCanary } from './canary.mjs'
import { startMeasuredBroker } from './measured-broker.mjs'
import { many, single } from './rows.mjs'
import { setUp, store } from './setup.mjs'
import { frameOf, open } from './wire.mjs'

const mostMs = 120_000
const { values: options } = parseArgs({
  options: {
    groups: { type: 'string', default: '90000' },
    ids: { type: 'string', default: '90000' },
    only: { type: 'string', default: '' },
  },
})
const dataDir = mkdtempSync(join(process.env.WORK ?? tmpdir(), 'rivven-large-requests-'))
const [groups, transactionalIds] = [Number(options.groups), Number(options.ids)]
const tell = (row) => console.log(JSON.stringify({ test: 'large-requests', broker: 'rivven', ...row }))

async function measured(broker, canary, work) {
  await broker.begin()
  await canary.begin()
  const startedAt = performance.now()
  const facts = await work()
  const took_ms = Math.round(performance.now() - startedAt)
  // A turn that has begun with the last answer counts, too.
  await pause(100)
  return { ...facts, ...(await canary.end()), ...(await broker.end()), took_ms }
}

/** Sends the frames over as many connections, and reads so many answers of each. */
async function exchange(port, frames, count) {
  const wires = await Promise.all(frames.map(() => open(port)))
  for (const [at, wire] of wires.entries()) wire.write(frames[at])
  const all = Promise.all(wires.map((wire) => wire.received(count)))
  const isLate = await Promise.race([all.then(() => false), pause(mostMs, true, { ref: false })])
  const sum = (name) => wires.reduce((total, wire) => total + wire[name], 0)
  const facts = { answer_bytes: sum('bytes'), ended: isLate ? 'late' : sum('isClosed') > 0 ? 'closed' : 'answered' }
  for (const wire of wires) wire.destroy()
  return facts
}

async function run(broker, canary, found) {
  const isWanted = ([name]) => name.includes(options.only)
  for (const [name, api, version, request] of single.filter(isWanted)) {
    const frame = frameOf(api, version, request(found))
    const row = await measured(broker, canary, () => exchange(broker.port, [frame], 1))
    tell({ request: name, request_bytes: frame.length, ...row })
  }
  for (const [name, api, version, request, count, connections] of many.filter(isWanted)) {
    const frame = frameOf(api, version, request(found))
    const frames = Array.from({ length: connections }, () => Buffer.concat(Array(count / connections).fill(frame)))
    // The last one may stay parked.
    const row = await measured(broker, canary, () => exchange(broker.port, frames, count / connections - 1))
    tell({ request: name, request_bytes: frame.length * count, ...row })
  }
}

/** Starts a broker on what is stored. */
async function start(what) {
  const startedAt = performance.now()
  const broker = await startMeasuredBroker(dataDir, ['max_partitions=100000'])
  const took_ms = Math.round(performance.now() - startedAt)
  const { rss_mib, cpu_ms } = await broker.end()
  tell({ request: what, took_ms, cpu_ms, rss_mib })
  return broker
}

async function storeFirst() {
  const broker = await startMeasuredBroker(dataDir, ['max_partitions=100000'])
  await store(broker.port, { groups, transactionalIds })
  await broker.stop()
}

await storeFirst()
const broker = await start(`start, ${groups} groups, ${transactionalIds} transactional ids`)
try {
  const found = await setUp(broker.port)
  const canary = await startCanary(broker.port)
  await run(broker, canary, found)
  await canary.stop()
} finally {
  await broker.stop()
}
await (await start('start after all of these')).stop()
rmSync(dataDir, { recursive: true, force: true })
