import { join } from 'node:path'
import { TokenHouse } from '../support/token-house.js'
import type { AttackJob, AttackResult } from './attackers/main.js'
import type { GoodJob, GoodResult } from './good/good-groups.js'
import { Helper } from './helper.js'
import { MeasuredBroker, type Measures } from './measured-broker.js'
import { setUp } from './setup.js'

export interface CampaignOptions {
  minutes: number
  seed: number
  /** Only attacks with this in their row or name; '' all. */
  only: string
  /** No attack with this. */
  without: string | null
  /** Of attackers at once. */
  connections: number
  /** Attacks that begin in a second. */
  pace: number
  sessionTimeoutMs: number
  recordsPerSecond: number
  /** Which memory has to come back. */
  waitsFor: 'rssMib' | 'liveMib'
  /** Hears of what goes on. */
  say(text: string): void
}

export interface CampaignResult {
  good: GoodResult
  attackers: AttackResult
  /** Of the broker, while it was attacked. */
  measures: Measures
  quiet: Memory
  /** A minute after the attacks, or as soon as it was back. */
  after: Memory
  /** When it was back. */
  backAfterMs: number
  isAlive: boolean
  /** How often the broker asked for the keys that sign tokens. */
  keysAsked: number
  /** Lines of the broker's log, by level and text. */
  log: [text: string, count: number][]
}

/** What the broker's process takes of its system, and what of it is in use. */
export interface Memory {
  rssMib: number
  liveMib: number
  /** RSS after a garbage collection: V8 may not have had a reason for one. */
  collectedRssMib: number
}

/** How far memory may lie above what it was before. */
export const MEMORY_MIB = 64
const QUIET_MS = 5_000
const BACK_WITHIN_MS = 60_000
const PATIENCE_MS = 120_000

/** A broker, good groups and those who attack it, each in a process of its own. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const house = await TokenHouse.open()
  const broker = await MeasuredBroker.start(house.brokerKeys)
  const good = new Helper(join(import.meta.dirname, 'good/main.js'))
  const attackers = new Helper(join(import.meta.dirname, 'attackers/main.js'))
  try {
    const result = await attackBroker(options, { broker, good, attackers })
    return { ...result, keysAsked: house.asked }
  } finally {
    await Promise.all([good.close(), attackers.close()])
    await broker.close()
    house.close()
  }
}

interface Parts {
  broker: MeasuredBroker
  good: Helper
  attackers: Helper
}

async function attackBroker(
  options: CampaignOptions,
  { broker, good, attackers }: Parts,
): Promise<Omit<CampaignResult, 'keysAsked'>> {
  const { ports } = broker
  const { say, sessionTimeoutMs, recordsPerSecond, seed, only, without, connections, pace } = options
  await setUp(ports)
  await good.ask({
    step: 'start',
    job: { ports, sessionTimeoutMs, recordsPerSecond, patienceMs: PATIENCE_MS } satisfies GoodJob,
  })
  await pause(QUIET_MS)
  await broker.begin()
  const quiet = await memoryOf(broker)
  say(`good groups read and commit; the broker has ${quiet.rssMib} MiB: attack`)
  const job: AttackJob = { ports, seed, only, without, ms: options.minutes * 60_000, connections, pace }
  const attacked = await attackers.ask<AttackResult>({ job })
  const measures = await broker.end()
  say(`attacks are over, the broker has had ${measures.rss_mib} MiB: waiting for its memory to be as before`)
  const back = await waitForMemory(broker, { quiet, waitsFor: options.waitsFor })
  say(`it has ${back.after.rssMib} MiB: waiting for the last records`)
  const result = await good.ask<GoodResult>({ step: 'finish' })
  const log = [...broker.log].sort(([, one], [, other]) => other - one)
  return { good: result, attackers: attacked, measures, quiet, ...back, isAlive: broker.isAlive, log }
}

/** Until it is as it was, or for a minute. */
async function waitForMemory(
  broker: MeasuredBroker,
  { quiet, waitsFor }: { quiet: Memory; waitsFor: 'rssMib' | 'liveMib' },
): Promise<{ after: Memory; backAfterMs: number }> {
  const since = performance.now()
  const look = () => (waitsFor === 'rssMib' ? broker.rssMib() : broker.liveMib())
  while ((await look()) > quiet[waitsFor] + MEMORY_MIB && performance.now() - since < BACK_WITHIN_MS) await pause(500)
  const backAfterMs = Math.round(performance.now() - since)
  return { after: await memoryOf(broker), backAfterMs }
}

async function memoryOf(broker: MeasuredBroker): Promise<Memory> {
  const rssMib = await broker.rssMib()
  const liveMib = await broker.liveMib()
  return { rssMib, liveMib, collectedRssMib: await broker.rssMib() }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
