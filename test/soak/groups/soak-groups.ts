import { setTimeout as pause } from 'node:timers/promises'
import { type ClusterOptions, Producer } from '@rivven/client'
import { Chance } from '../../fuzz/harness/chance.js'
import { type Ports, passwords } from '../../hostile/places.js'
import { pem } from '../../support/certificates.js'
import { type GroupCounts, SoakGroup } from './soak-group.js'
import { TopicLoad } from './topic-load.js'

export interface SoakJob {
  readonly ports: Ports
  readonly seed: number
  readonly groups: number
  /** Ten groups read each topic. */
  readonly topics: number
  readonly partitions: number
  readonly members: number
  /** To each topic. */
  readonly recordsPerSecond: number
  /** Of all groups together: a member leaves, and another one comes. */
  readonly changesPerHour: number
  readonly sessionTimeoutMs: number
  readonly patienceMs: number
}

/** What became of all of them. */
export interface SoakResult extends GroupCounts {
  acknowledged: number
  /** The longest time that a member's last heartbeat was answered ago. */
  oldestHeartbeatMs: number
  failures: string[]
}

const LOOK_MS = 1_000
const STARTS_AT_ONCE = 10

/** Groups of both protocols, by listeners of each kind, whose members come and go while records are sent. */
export class SoakGroups {
  readonly #job: SoakJob
  readonly #producers: readonly Producer[]
  readonly #loads: readonly TopicLoad[]
  readonly #groups: readonly SoakGroup[]
  readonly #chance: Chance
  #oldestHeartbeatMs = 0
  #isChanging = false
  #changing: Promise<void> = Promise.resolve()
  #look: NodeJS.Timeout | undefined

  constructor(job: SoakJob) {
    this.#job = job
    this.#chance = new Chance(job.seed)
    const ways = waysIn(job)
    this.#producers = ways.map((way) => new Producer({ ...way, clientId: 'good-soak' }))
    this.#loads = Array.from(
      { length: job.topics },
      (_, at) => new TopicLoad(this.#producers[at % ways.length]!, topicName(at), job.partitions),
    )
    this.#groups = Array.from({ length: job.groups }, (_, at) => this.#group(at, ways[at % ways.length]!))
  }

  /** Resolves when all members have their partitions. */
  async start(): Promise<void> {
    for (const load of this.#loads) load.start(this.#job.recordsPerSecond)
    // Some after the others: thousands of logins at once are another story.
    for (let at = 0; at < this.#groups.length; at += STARTS_AT_ONCE)
      await Promise.all(this.#groups.slice(at, at + STARTS_AT_ONCE).map((group) => group.start()))
    this.#look = setInterval(() => this.#hear(), LOOK_MS)
    this.goOn()
  }

  /** Members come and go. */
  goOn(): void {
    this.#isChanging = true
    this.#changing = this.#change()
  }

  /** Nobody comes or goes any more; resolves when all have settled. */
  async rest(): Promise<void> {
    this.#isChanging = false
    await this.#changing
    await Promise.all(this.#groups.map((group) => group.settled()))
  }

  async finish(): Promise<SoakResult> {
    await this.rest()
    clearInterval(this.#look)
    await Promise.all(this.#loads.map((load) => load.finish()))
    await Promise.all(this.#groups.map((group) => group.finish()))
    await Promise.all(this.#producers.map((producer) => producer.close()))
    return this.#result()
  }

  #group(at: number, way: ClusterOptions): SoakGroup {
    const { members, patienceMs, sessionTimeoutMs } = this.#job
    const groupId = `good-soak-${at}`
    // Of each way in, every other group.
    const rebalanceProtocol = Math.floor(at / 3) % 2 === 0 ? 'cooperative' : 'eager'
    const kind = { autoOffsetReset: 'earliest', enableAutoCommit: false, rebalanceProtocol, sessionTimeoutMs } as const
    const consumer = { ...way, ...kind, groupId, clientId: groupId }
    return new SoakGroup({ load: this.#loads[at % this.#loads.length]!, consumer, members, patienceMs })
  }

  async #change(): Promise<void> {
    const everyMs = 3_600_000 / this.#job.changesPerHour
    while (this.#isChanging) {
      // Not waited for: several groups may be at it.
      void this.#groups[this.#chance.below(this.#groups.length)]!.change()
      await pause(everyMs)
    }
  }

  #hear(): void {
    const agoMs = this.#groups.map(({ heardAgoMs }) => heardAgoMs)
    this.#oldestHeartbeatMs = Math.round(Math.max(this.#oldestHeartbeatMs, ...agoMs))
  }

  #result(): SoakResult {
    const counts = this.#groups.map((group) => group.counts)
    const sum = (key: keyof GroupCounts) => counts.reduce((total, one) => total + one[key], 0)
    return {
      changes: sum('changes'),
      rebalances: sum('rebalances'),
      unasked: sum('unasked'),
      thrownOut: sum('thrownOut'),
      read: sum('read'),
      lost: sum('lost'),
      twice: sum('twice'),
      skipped: sum('skipped'),
      acknowledged: this.#loads.reduce((total, load) => total + load.acknowledged, 0),
      oldestHeartbeatMs: this.#oldestHeartbeatMs,
      failures: [...this.#loads, ...this.#groups].flatMap(({ failures }) => failures),
    }
  }
}

export function topicName(at: number): string {
  return `good-soak-${at}`
}

/** As hostile/setup lets them in: whose name begins with `good-` is theirs. */
function waysIn({ ports, patienceMs }: SoakJob): ClusterOptions[] {
  const ca = { ca: pem('ca.pem') }
  // That the machine is busy is no failure: a thousand logins of a minute take each of them longer there than connections have as a rule.
  const times = { connectTimeoutMs: 60_000, unreachableTimeoutMs: patienceMs }
  const sasl = (user: 'eager' | 'cooperative', mechanism: 'plain' | 'scram-sha-256') => ({
    sasl: { mechanism, username: user, password: passwords[user] },
  })
  return [
    { bootstrapServers: `127.0.0.1:${ports.saslSsl}`, ssl: ca, ...sasl('eager', 'scram-sha-256') },
    { bootstrapServers: `127.0.0.1:${ports.sasl}`, ...sasl('cooperative', 'plain') },
    { bootstrapServers: `127.0.0.1:${ports.ssl}`, ssl: { ...ca, cert: pem('client.pem'), key: pem('client.key') } },
  ].map((way) => ({ ...way, ...times }))
}
