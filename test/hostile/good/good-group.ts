import { type ClusterOptions, Consumer, type ConsumerRecord, Producer } from '@rivven/client'
import { Ledger } from './ledger.js'
import { Membership } from './membership.js'

export interface GoodGroupOptions {
  /** Group, topic and producers are called good-NAME. */
  name: string
  cluster: ClusterOptions
  members: number
  protocol: 'eager' | 'cooperative'
  /** Each has an instance id. */
  isStatic?: boolean
  /** Its members copy what they read to this topic, in transactions with their offsets. */
  copiesTo?: string
  sessionTimeoutMs: number
  recordsPerSecond: number
}

const partitions = 6
/** One poll that brings nothing. */
const POLL_MS = 200

/** A group as there should be: somebody sends records, its members read them, commit, and do nothing else. */
export class GoodGroup {
  readonly ledger = new Ledger()
  readonly memberships: readonly Membership[]
  /** Commits and transactions that failed, and calls of poll and send that did. */
  readonly failures: string[] = []
  commits = 0
  readonly #options: GoodGroupOptions
  readonly #consumers: readonly Consumer[]
  readonly #producer: Producer
  readonly #done: Promise<unknown>[] = []
  #sending: Promise<void> = Promise.resolve()
  #isSending = true
  #isOver = false

  constructor(options: GoodGroupOptions) {
    this.#options = options
    const places = Array.from({ length: options.members }, (_, at) => at)
    this.#consumers = places.map((at) => new Consumer({ ...consumerOptions(options), ...instance(options, at) }))
    this.memberships = this.#consumers.map((consumer) => new Membership(consumer, options.sessionTimeoutMs))
    this.#producer = new Producer({ ...options.cluster, clientId: `good-${options.name}` })
  }

  /** Resolves when every member has partitions, and the first records have come. */
  async start(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.subscribe([`good-${this.#options.name}`])))
    this.#done.push(...this.#consumers.map((consumer, at) => this.#read(consumer, at)))
    while (!this.#isSettled) await pause(50)
    for (const membership of this.memberships) membership.begin()
    this.#sending = this.#send()
    while (this.ledger.seen === 0) await pause(50)
  }

  /** Sends nothing more, waits until all is read, leaves. */
  async finish(withinMs: number): Promise<void> {
    this.#isSending = false
    await this.#sending
    const deadline = performance.now() + withinMs
    while (this.ledger.missing > 0 && performance.now() < deadline) await pause(50)
    for (const membership of this.memberships) membership.end()
    this.#isOver = true
    await Promise.all(this.#done)
    await Promise.all([...this.#consumers.map((consumer) => consumer.close()), this.#producer.close()])
  }

  get #isSettled(): boolean {
    const owned = this.#consumers.map((consumer) => consumer.assignment().length)
    return owned.every((count) => count > 0) && owned.reduce((sum, count) => sum + count, 0) === partitions
  }

  async #send(): Promise<void> {
    const { recordsPerSecond } = this.#options
    const sequences = Array.from({ length: partitions }, () => 0)
    const underWay = new Set<Promise<void>>()
    for (let at = 0; this.#isSending; at = (at + 1) % partitions) {
      const sequence = sequences[at]!++
      const sending = this.#sendOne(at, sequence).finally(() => underWay.delete(sending))
      underWay.add(sending)
      await pause(1_000 / recordsPerSecond)
    }
    await Promise.all(underWay)
  }

  async #sendOne(partition: number, sequence: number): Promise<void> {
    try {
      await this.#producer.send({ topic: `good-${this.#options.name}`, partition, value: String(sequence) })
      this.ledger.sent(partition, sequence)
    } catch (error) {
      this.#failed('send', error)
    }
  }

  async #read(consumer: Consumer, at: number): Promise<void> {
    const copier = this.#copierOf(at)
    while (!this.#isOver) {
      try {
        const records = await consumer.poll(POLL_MS)
        if (records.length === 0) continue
        if (copier) await this.#copy(copier, consumer, records)
        else await consumer.commit()
        this.commits++
        for (const { partition, value } of records) this.ledger.read(partition, Number(value))
      } catch (error) {
        this.#failed('poll and commit', error)
        // As an application would: what is not committed comes again.
        consumer.seekToCommitted()
      }
    }
    await copier?.close()
  }

  #copierOf(at: number): Producer | undefined {
    const { copiesTo, cluster, name } = this.#options
    return copiesTo === undefined ? undefined : new Producer({ ...cluster, transactionalId: `good-${name}-${at}` })
  }

  async #copy(copier: Producer, consumer: Consumer, records: readonly ConsumerRecord[]): Promise<void> {
    const topic = this.#options.copiesTo!
    await copier.transaction(async (txn) => {
      await txn.sendMany(records.map(({ partition, value }) => ({ topic, value: `${partition}:${value}` })))
      await txn.commitOffsets(consumer.position())
    })
  }

  #failed(what: string, error: unknown): void {
    this.failures.push(`${this.#options.name}, ${what}: ${error instanceof Error ? error.message : error}`)
  }
}

function consumerOptions({ cluster, name, protocol, sessionTimeoutMs }: GoodGroupOptions) {
  const times = { sessionTimeoutMs, heartbeatIntervalMs: 1_000 }
  const group = { groupId: `good-${name}`, autoOffsetReset: 'earliest', rebalanceProtocol: protocol } as const
  return { ...cluster, ...group, ...times, enableAutoCommit: false, clientId: `good-${name}` }
}

function instance({ isStatic, name }: GoodGroupOptions, at: number): { groupInstanceId?: string } {
  return isStatic ? { groupInstanceId: `good-${name}-${at}` } : {}
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
