import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Helper } from '../hostile/helper.js'
import { MeasuredBroker, type Measures, type Open } from '../hostile/measured-broker.js'
import { adminOf, setUp } from '../hostile/setup.js'
import { TokenHouse } from '../support/token-house.js'
import { type SoakJob, type SoakResult, topicName } from './groups/soak-groups.js'
import type { Sample } from './slope.js'

export interface SoakOptions {
  readonly minutes: number
  /** Until then a process becomes what it will be; what is judged of memory begins behind it. */
  readonly warmUpMinutes: number
  readonly seed: number
  readonly groups: number
  /** Of each group. */
  readonly members: number
  /** Of all groups together: one member leaves, and another one comes. */
  readonly changesPerHour: number
  readonly recordsPerSecond: number
  /** How long nobody has come or gone before it is counted what is open. */
  readonly restMs: number
  /** Hears of what goes on. */
  say(text: string): void
}

/** What both processes have open when nobody comes or goes. */
export interface AllOpen {
  readonly broker: Open
  readonly clients: Open
}

export interface SoakOutcome {
  readonly groups: SoakResult
  readonly measures: Measures
  /** RSS of the broker behind the warm-up, in MiB. */
  readonly memory: readonly Sample[]
  readonly first: AllOpen
  readonly last: AllOpen
  /** Lines of the broker's log, by level and text. */
  readonly log: readonly (readonly [text: string, count: number])[]
}

const openThings = join(import.meta.dirname, '../../support/open-things.cjs')
const SAMPLE_MS = 1_000
const LOOKS = 10
const LOOK_MS = 300
const PATIENCE_MS = 120_000
const groupsOfATopic = 10
const partitions = 6

interface Parts {
  readonly broker: MeasuredBroker
  readonly clients: Helper
}

/** Many groups whose members come and go for a long time, in a process of their own, on a broker of its own. */
export async function runSoak(options: SoakOptions): Promise<SoakOutcome> {
  const house = await TokenHouse.open()
  const broker = await MeasuredBroker.start(house.brokerKeys, [openThings])
  const clients = new Helper(join(import.meta.dirname, 'groups/main.js'), ['--expose-gc', '--require', openThings])
  try {
    return await soak(options, { broker, clients })
  } finally {
    await clients.close()
    await broker.close()
    house.close()
  }
}

async function soak(options: SoakOptions, { broker, clients }: Parts): Promise<SoakOutcome> {
  const { minutes, warmUpMinutes, say } = options
  const job = jobOf(options, broker)
  await setUp(broker.ports)
  await makeTopics(job)
  await clients.ask({ step: 'start', job })
  say(`${job.groups} groups of ${job.members} read and commit`)
  await broker.begin()
  await sample(broker, warmUpMinutes * 60_000)
  const first = await openNow({ broker, clients }, options)
  say(`warm: ${shown(first)}`)
  await clients.ask({ step: 'goOn' })
  // Looking has collected all garbage: until there is as much of it as there is as a rule.
  const untilUsualMs = warmUpMinutes * 12_000
  await pause(untilUsualMs)
  const memory = await sample(broker, (minutes - warmUpMinutes) * 60_000 - untilUsualMs)
  const last = await openNow({ broker, clients }, options)
  say(`over: ${shown(last)}`)
  const measures = await broker.end()
  const groups = await clients.ask<SoakResult>({ step: 'finish' })
  return { groups, measures, memory, first, last, log: [...broker.log] }
}

function jobOf(options: SoakOptions, { ports }: MeasuredBroker): SoakJob {
  const { seed, groups, members, changesPerHour, recordsPerSecond } = options
  const topics = Math.ceil(groups / groupsOfATopic)
  const times = { sessionTimeoutMs: 45_000, patienceMs: PATIENCE_MS }
  return { ports, seed, groups, topics, partitions, members, recordsPerSecond, changesPerHour, ...times }
}

async function makeTopics({ ports, topics }: SoakJob): Promise<void> {
  const admin = adminOf(ports)
  try {
    const names = Array.from({ length: topics }, (_, at) => topicName(at))
    await admin.createTopics(names.map((name) => ({ name, partitions, replicationFactor: 1 })))
  } finally {
    await admin.close()
  }
}

async function sample(broker: MeasuredBroker, forMs: number): Promise<Sample[]> {
  const since = performance.now()
  const samples: Sample[] = []
  while (performance.now() - since < forMs) {
    samples.push({ ms: performance.now(), value: await broker.rssMib() })
    await pause(SAMPLE_MS)
  }
  return samples
}

/**
 * While nobody comes or goes, and the fewest of some looks: timers of what is under way are chance, and forgotten ones stay. A connection
 * has its timer until the deadline of the last request for which it was set, answered or not.
 */
async function openNow({ broker, clients }: Parts, { restMs }: SoakOptions): Promise<AllOpen> {
  await clients.ask({ step: 'rest' })
  await pause(restMs)
  const looks: AllOpen[] = []
  while (looks.length < LOOKS) {
    looks.push({ clients: await clients.ask<Open>({ step: 'open' }), broker: await broker.open() })
    await pause(LOOK_MS)
  }
  return { clients: fewest(looks.map(({ clients }) => clients)), broker: fewest(looks.map(({ broker }) => broker)) }
}

/** Of timers, of each kind: what is under way at one look is of another kind at the next. */
export function fewest(looks: readonly Open[]): Open {
  return looks.reduce((least, look) => ({
    timers: fewestOfEach(least.timers, look.timers),
    descriptors: look.descriptors === null ? null : Math.min(least.descriptors ?? 0, look.descriptors),
    live_mib: Math.min(least.live_mib, look.live_mib),
  }))
}

function fewestOfEach(one: Open['timers'], other: Open['timers']): Open['timers'] {
  const both = Object.entries(one).filter(([place]) => other[place] !== undefined)
  return Object.fromEntries(both.map(([place, count]) => [place, Math.min(count, other[place]!)]))
}

export function timersOf({ timers }: Open): number {
  return Object.values(timers).reduce((sum, count) => sum + count, 0)
}

function shown({ broker, clients }: AllOpen): string {
  const one = (open: Open) => `${timersOf(open)} timers, ${open.descriptors} descriptors, ${open.live_mib} MiB in use`
  return `broker ${one(broker)}; clients ${one(clients)}`
}
