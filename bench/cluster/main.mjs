// The figures of several brokers on one PostgreSQL, each where it can be beside one broker there, one on files, and Apache Kafka.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
import { PostgresServer } from '../../test/dist/support/postgres/server.js'
import { untilIdle } from '../idle.mjs'
import { median } from '../summary.mjs'
import { measureFaults } from './faults.mjs'
import { measureFollowers } from './followers.mjs'
import { inSchema, startBrokers } from './places.mjs'
import { measureTakeOver } from './take-over.mjs'

const here = import.meta.dirname
/** What comes later is left out, and a line says so: whoever starts it can count on the end. */
const MOST_MS = 18 * 60_000

/** Six processes that do nothing but show that they are alive, of which one is a JVM. */
const IDLE_PART = 0.2

/** As docs/cluster.md says; a checkpoint is made between runs. */
const settings = { shared_buffers: '1GB', max_wal_size: '16GB', checkpoint_timeout: '1h' }

/**
 * `lines` are the load programs' (lists/cluster.txt), `goProgram` runs one of them at a place, `nodeProgram` another of ours;
 * `startKafka` gives a place or null, `tell` keeps a measurement.
 */
export async function measureCluster({ runs, work, lines, goProgram, nodeProgram, startKafka, tell }) {
  const server = await PostgresServer.start(settings)
  if (typeof server === 'string') return console.error(`cluster is left out, there is no PostgreSQL here: ${server}`)
  const end = performance.now() + MOST_MS
  const isTime = (what) => {
    if (performance.now() < end) return true
    console.error(`no time is left for ${what}`)
    return false
  }
  const parts = { server, runs, lines, goProgram, nodeProgram, tell, isTime }
  try {
    await measurePlaces(await startPlaces(server, work, startKafka), parts)
    if (isTime('faults')) await guarded('faults', () => measureFaults(server, parts))
    for (let run = 0; run < runs && isTime('take-over'); run++)
      await guarded('take-over', async () => tell(await measureTakeOver(server, run)))
    if (isTime('startRivvenCluster')) await guarded('startRivvenCluster', () => measureInProcess(tell))
    if (isTime('the simulator')) measureSimulator(tell)
  } finally {
    await server.remove()
  }
}

async function startPlaces(server, work, startKafka) {
  const kafka = await startKafka()
  return [
    await startBrokers('rivven', { argsOf: () => ['--data-dir', join(work, 'files')] }),
    ...(kafka === null ? [] : [kafka]),
    await startBrokers('postgres', { argsOf: () => inSchema(server, 'one'), server }),
    await startBrokers('three', { count: 3, argsOf: () => inSchema(server, 'three'), server }),
  ]
}

/** All are there all the time, and do nothing while it is not their turn. */
async function measurePlaces(places, { server, runs, lines, goProgram, nodeProgram, tell, isTime }) {
  const pids = places.flatMap((place) => place.pids)
  try {
    for (let run = 0; run < runs; run++) {
      await checkpoint(server)
      for (const line of lines)
        for (const place of places) {
          if (!isTime(line)) return
          await untilIdle(pids, IDLE_PART)
          // A step of its own: it is not compared with what others did on files.
          goProgram(line, place, { step: 'storage' })
        }
    }
    const three = places.at(-1)
    await guarded('followers', async () => tell(await measureFollowers(three, server, 'three')))
    for (let run = 0; run < runs; run++)
      for (const place of places)
        if (isTime('teams')) nodeProgram('teams.mjs', ['settle', '--rounds', '1'], place, { for: 'cluster' })
  } finally {
    await Promise.all(places.map((place) => place.end()))
  }
}

/** What fails is told, and what comes behind it is measured all the same. */
async function guarded(what, work) {
  try {
    await work()
  } catch (error) {
    console.error(`failed: ${what}: ${error.stack}`)
  }
}

async function checkpoint(server) {
  const client = new pg.Client(server.url)
  await client.connect()
  await client.query('checkpoint')
  await client.end()
}

async function measureInProcess(tell) {
  const { startRivvenCluster } = await import('@rivven/testing')
  const times = []
  for (let round = 0; round < 5; round++) {
    const since = performance.now()
    const cluster = await startRivvenCluster({ brokers: 3 })
    times.push(performance.now() - since)
    await cluster.close()
  }
  tell({
    test: 'cluster-in-process',
    broker: 'three',
    took_ms: Math.round(median(times)),
    first_ms: Math.round(times[0]),
  })
}

const SEEDS = 24

function measureSimulator(tell) {
  const main = join(here, '../../packages/simulation/dist/src/main.js')
  const since = performance.now()
  const { status, stdout } = spawnSync(process.execPath, [main, '--seeds', String(SEEDS), '--brokers', '3'], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (status !== 0) return console.error(`failed: the simulator: ${stdout.slice(-2000)}`)
  const seconds = (performance.now() - since) / 1000
  tell({ test: 'cluster-simulator', broker: 'three', seeds_s: Math.round((SEEDS / seconds) * 100) / 100 })
}
