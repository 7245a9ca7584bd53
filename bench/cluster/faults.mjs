// Three brokers under load, of which one is killed, held, cut off, ended or comes back, and a database that crashes: longest pauses.
import { setTimeout as pause } from 'node:timers/promises'
import { CutOff } from './cut-off.mjs'
import { inSchema, startBrokers } from './places.mjs'
import { Work } from './work.mjs'

const BROKERS = 3
const HELD_MS = 6_000
const OUTAGE_MS = 2_000
/** Until a neighbour watches whoever has just come back. */
const REST_MS = 500

/**
 * Broker 3 reaches its database by a way that can be cut. Leaders are spread half a second after a broker has come, not ten: else
 * most of the time would go by with waiting.
 */
async function makeScene(server) {
  const way = await CutOff.before(server.port)
  const argsOf = (id) => inSchema(server, 'faults', id === BROKERS ? way.port : server.port)
  const place = await startBrokers('three', { count: BROKERS, argsOf, settings: { leader_move_delay_ms: 500 } })
  const work = new Work(place.bootstrapServers)
  await work.start()
  return { server, way, work, brokers: place.brokers, end: () => endScene(work, place, way) }
}

async function endScene(work, place, way) {
  await work.end()
  await place.end()
  await way.close()
}

const all = ({ work }) => [...work.partitions, ...work.groups]

/** Coordinators move one after the other, which takes seconds: only who measures them waits for that. */
async function atRest({ work }, coordinators = false) {
  await work.balanced(BROKERS, { coordinators })
  await pause(REST_MS)
}

/** Longest pause of a partition that the broker led. */
async function pauseOf(scene, at, trouble) {
  const { work, brokers } = scene
  await atRest(scene)
  const led = await work.ledBy(at + 1)
  const since = performance.now()
  await trouble(brokers[at])
  await work.goesOn(led, since)
  return work.longest(led, since)
}

async function kill(scene, n) {
  const at = n % BROKERS
  const took = await pauseOf(scene, at, (broker) => broker.end('SIGKILL'))
  await scene.brokers[at].start()
  return { took_ms: took }
}

async function hold(scene, n) {
  const at = n % BROKERS
  const took = await pauseOf(scene, at, async (broker) => {
    broker.signal('SIGSTOP')
    await pause(HELD_MS)
    broker.signal('SIGCONT')
  })
  return { took_ms: took }
}

async function cut(scene) {
  const took = await pauseOf(scene, BROKERS - 1, async () => {
    scene.way.cut()
    await pause(HELD_MS)
    scene.way.heal()
  })
  return { took_ms: took }
}

/** Ended in order and started again: what it hands over, and what it gets back. */
async function drain(scene, n) {
  const { work, brokers } = scene
  const broker = brokers[n % BROKERS]
  await atRest(scene, true)
  const since = performance.now()
  await broker.end('SIGTERM')
  const whole = performance.now() - since
  await work.goesOn(all(scene), performance.now())
  const longest = work.longest(all(scene), since)
  const back = performance.now()
  await broker.start()
  await work.balanced(BROKERS, { coordinators: true })
  await work.goesOn(all(scene), performance.now())
  return {
    took_ms: longest,
    whole_ms: whole,
    join_ms: work.longest(work.groups, back),
    share_ms: performance.now() - back,
  }
}

/** How much longer than the database was away the longest pause was. */
async function restart(scene) {
  const { work, server } = scene
  await atRest(scene)
  const generation = work.generation
  const since = performance.now()
  await server.stop('immediate')
  await pause(Math.max(0, OUTAGE_MS - (performance.now() - since)))
  await server.start()
  const outage = performance.now() - since
  await work.goesOn(all(scene), performance.now())
  const longest = work.longest(all(scene), since)
  return { over_ms: longest - outage, outage_ms: outage, rebalances: work.generation - generation }
}

/** In this order; how often in each run. */
const faults = { kill: [kill, 7], hold: [hold, 1], cut: [cut, 1], drain: [drain, 2], restart: [restart, 1] }

/** One measurement a fault. `tell` gets it; `isTime` says whether there is time for more. */
export async function measureFaults(server, { runs, tell, isTime }) {
  const scene = await makeScene(server)
  try {
    for (const [name, [fault, times]] of Object.entries(faults))
      for (let n = 0; n < times * runs && isTime(`cluster-${name}`); n++)
        await measureOne(scene, `cluster-${name}`, () => fault(scene, n), tell)
  } finally {
    await scene.end()
  }
}

/** One that fails is told, and all is healed for the next. */
async function measureOne({ brokers, way }, test, fault, tell) {
  try {
    tell({ test, broker: 'three', ...rounded(await fault()) })
  } catch (error) {
    console.error(`failed: ${test}: ${error.message}`)
    way.heal()
    for (const broker of brokers) {
      broker.signal('SIGCONT')
      if (!broker.isRunning) await broker.start()
    }
  }
}

const rounded = (facts) => Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, Math.round(value)]))
