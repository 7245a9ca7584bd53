import assert from 'node:assert/strict'
import { Admin } from '@rivven/client'
import { type CopierNews, KillableCopier } from '../../exactly-once/world.js'
import { eventually } from '../../support/eventually.js'
import { GroupCheck } from '../check/group-check.js'
import { LogCheck, type Written } from '../check/log-check.js'
import type { Pauses } from '../check/pauses.js'
import type { Violations } from '../check/violations.js'
import { CommitWatch } from './commit-watch.js'
import { Group } from './group.js'
import { patience, quiet } from './patience.js'
import { Reader } from './reader.js'
import { Writer, writtenIn } from './writer.js'

export interface WorkloadSize {
  partitions: number
  writers: number
  copiers: number
  /** Of each partition and writer, between an acknowledgement and the next record. */
  pauseMs: number
  /** Of the groups' members: where all goes slowly, none may be thrown out for that. */
  sessionTimeoutMs: number
  /** Of the topics; null: for ever. */
  retentionMs: number | null
}

const TOPIC = 'chaos-orders'
const SOURCE = 'chaos-source'
const COPY = 'chaos-copy'
const topics = [TOPIC, SOURCE, COPY]
const COPIERS = 'chaos-copiers'
const SOURCE_WRITER = 'source'

const groups = [
  { name: 'chaos-range', strategy: 'range', members: 3 },
  { name: 'chaos-cooperative', strategy: 'cooperative_sticky', members: 3, hasStaticMember: true },
] as const

/** What applications do while brokers are in trouble, each under its check. */
export class Workload {
  readonly copiers: readonly KillableCopier[]
  readonly groups: readonly Group[]
  readonly orders: LogCheck
  readonly copy: LogCheck
  readonly #bootstrapServers: string
  readonly #size: WorkloadSize
  readonly #violations: Violations
  readonly #groupChecks: ReadonlyMap<string, GroupCheck>
  readonly #writers: readonly Writer[]
  readonly #readers: readonly Reader[]
  readonly #commits: CommitWatch
  readonly #spoilt = new Set<string>()
  #onProgress: (partition: number) => void = () => undefined

  private constructor(bootstrapServers: string, size: WorkloadSize, violations: Violations, pauses: Pauses) {
    this.#bootstrapServers = bootstrapServers
    this.#size = size
    this.#violations = violations
    this.orders = new LogCheck(TOPIC, violations)
    this.copy = new LogCheck(COPY, violations, { hasMarkers: true, retentionMs: size.retentionMs })
    const names = [...groups.map(({ name }) => name), COPIERS]
    this.#groupChecks = new Map(names.map((name) => [name, new GroupCheck(name, violations)]))
    this.#writers = this.#startWriters(pauses)
    this.#readers = [this.#readOrders(this.orders), this.#readCopy()]
    this.groups = groups.map(
      (group) =>
        new Group(
          { bootstrapServers, topic: TOPIC, sessionTimeoutMs: size.sessionTimeoutMs, ...group },
          this.#groupChecks.get(group.name)!,
        ),
    )
    this.#commits = new CommitWatch(bootstrapServers, this.#groupChecks)
    this.copiers = Array.from({ length: size.copiers }, (_, at) => this.#startCopier(`chaos-copier-${at + 1}`))
  }

  /** Resolves when the topics are there, all partitions take records and all groups have shared them. */
  static async start(
    bootstrapServers: string,
    size: WorkloadSize,
    { violations, pauses }: { violations: Violations; pauses: Pauses },
  ): Promise<Workload> {
    await createTopics(bootstrapServers, size)
    const workload = new Workload(bootstrapServers, size, violations, pauses)
    try {
      await eventually(() => {
        for (const group of workload.groups) assert.ok(group.isComplete, `${group.name} has members without partitions`)
        assert.ok(
          workload.orders.readCount > 0 && (size.copiers === 0 || workload.copy.readCount > 0),
          'nothing is read',
        )
      })
      return workload
    } catch (error) {
      await workload.close()
      throw error
    }
  }

  /** Resolves when a record more of each partition was acknowledged. */
  async goesOn(withinMs: number): Promise<void> {
    const waiting = new Set(Array.from({ length: this.#size.partitions }, (_, partition) => partition))
    this.#onProgress = (partition) => void waiting.delete(partition)
    const goOn = () => assert.equal(waiting.size, 0, `no records come into partitions ${[...waiting]}`)
    await eventually(goOn, withinMs)
  }

  /** Nothing more is written; resolves when all that was written is read, handled and copied, and read once more. */
  async settle(withinMs: number): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.close()))
    const unread = () => [this.orders.missing, this.#size.copiers === 0 ? 0 : this.copy.missing]
    await eventually(() => assert.deepEqual(unread(), [0, 0], 'records are missing'), withinMs).catch(this.#stuck)
    this.orders.end()
    if (this.#size.copiers > 0) this.copy.end()
    const ends = await this.#endOffsets()
    await eventually(() => {
      for (const { name } of groups)
        for (const [partition, end] of ends.entries())
          assert.ok(
            this.#groupChecks.get(name)!.nextOf(partition) >= end,
            `${name} is behind in partition ${partition}`,
          )
    }, withinMs).catch(this.#stuck)
    if (this.#size.retentionMs === null) await this.#readAgain(withinMs)
  }

  async close(): Promise<void> {
    await Promise.all([
      ...this.#writers.map((writer) => writer.close()),
      ...this.groups.map((group) => group.close()),
      ...this.copiers.map((copier) => copier.close()),
      this.#commits.close(),
    ])
    await Promise.all(this.#readers.map((reader) => reader.close()))
  }

  /** Records that were given up without an acknowledgement. */
  get failures(): number {
    return this.#writers.reduce((sum, { failures }) => sum + failures, 0)
  }

  #startWriters(pauses: Pauses): Writer[] {
    const { partitions, pauseMs, copiers } = this.#size
    const common = { bootstrapServers: this.#bootstrapServers, partitions, pauseMs }
    const writers = Array.from({ length: this.#size.writers }, (_, at) => {
      const name = `writer-${at + 1}`
      // The first one waits for each record; others have several under way, which must not overtake each other.
      return new Writer({
        ...common,
        name,
        topic: TOPIC,
        inFlight: at === 0 ? 1 : 4,
        acknowledged: (record, offset) => {
          pauses.progress(record.partition, performance.now())
          this.#onProgress(record.partition)
          this.orders.acknowledged(record, offset)
        },
      })
    })
    if (copiers === 0) return writers
    const acknowledged = (record: Written, _: number, madeAt: number) => this.copy.acknowledged(record, null, madeAt)
    return [...writers, new Writer({ ...common, name: SOURCE_WRITER, topic: SOURCE, inFlight: 2, acknowledged })]
  }

  #readOrders(check: LogCheck): Reader {
    const options = { bootstrapServers: this.#bootstrapServers, topic: TOPIC, partitions: this.#size.partitions }
    return new Reader(options, ({ partition, value, offset }) => check.read(writtenIn(partition, value), offset))
  }

  #readCopy(): Reader {
    const { partitions } = this.#size
    const options = { bootstrapServers: this.#bootstrapServers, topic: COPY, partitions }
    return new Reader({ ...options, isolationLevel: 'read_committed' }, ({ partition, value, offset, headers }) => {
      this.copy.read(writtenIn(partition, value), offset)
      const attempt = String(headers[0]?.value)
      if (this.#spoilt.has(attempt)) this.#violations.add(`${COPY}: attempt ${attempt} was aborted and is read`)
    })
  }

  #startCopier(name: string): KillableCopier {
    const job = { name, input: SOURCE, output: COPY, group: COPIERS, perTransaction: 200 }
    const limits = { sessionTimeoutMs: 6_000, abortPercent: 10 }
    const onNews = ({ kind, attempt, message = '', partition }: CopierNews) => {
      if (kind === 'spoilt') this.#spoilt.add(attempt!)
      const isBehind = this.#size.retentionMs !== null && message.includes('does not exist (any more)')
      if (kind === 'warned' && isBehind) this.copy.removed(SOURCE_WRITER, partition!)
    }
    return new KillableCopier({ bootstrapServers: this.#bootstrapServers, ...job, ...limits }, onNews)
  }

  /** Once more from the beginning: what was read as it came is what is stored. */
  async #readAgain(withinMs: number): Promise<void> {
    const again = new LogCheck(`${TOPIC}, read again`, this.#violations)
    const reader = this.#readOrders(again)
    await eventually(() => assert.equal(again.digest, this.orders.digest), withinMs).catch(() =>
      this.#violations.add(
        `${TOPIC}: read again it has ${again.readCount} records, not the ${this.orders.readCount} of before`,
      ),
    )
    await reader.close()
  }

  async #endOffsets(): Promise<number[]> {
    const admin = new Admin({ bootstrapServers: this.#bootstrapServers, ...patience, ...quiet })
    try {
      const wanted = Array.from({ length: this.#size.partitions }, (_, partition) => partition)
      const ends = await admin.listOffsets(
        wanted.map((partition) => ({ topic: TOPIC, partition, timestamp: 'latest' })),
      )
      return wanted.map((partition) => ends.find((end) => end.partition === partition)!.offset)
    } finally {
      await admin.close()
    }
  }

  readonly #stuck = (error: Error): void => this.#violations.add(`stuck: ${error.message}`)
}

async function createTopics(bootstrapServers: string, { partitions, retentionMs }: WorkloadSize): Promise<void> {
  const admin = new Admin({ bootstrapServers, ...patience, ...quiet })
  const configs: Record<string, string> = retentionMs === null ? {} : { 'retention.ms': String(retentionMs) }
  try {
    await admin.createTopics(topics.map((name) => ({ name, partitions, configs })))
  } finally {
    await admin.close()
  }
}
