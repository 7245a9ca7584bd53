import { Consumer, type ConsumerRecord, Producer, RivvenError, type Transaction } from '@rivven/client'
import type { CopierPlan } from '../plan/plan.js'
import type { Life } from '../world/life.js'
import { SeededRandom } from '../world/seeded-random.js'
import { type Actor, beginProcess, type Process, pauseLife, type Stage, sleep } from './actor.js'
import type { Way } from './doors.js'

/**
 * Copies a topic exactly once: reads as a member of a group, writes and commits its offsets in one transaction. A copy says
 * where it is from and in which transaction it was written: `value|copier-0.life.number`.
 */
export class Copier implements Actor {
  readonly name: string
  readonly #plan: CopierPlan
  readonly #stage: Stage
  readonly #random: SeededRandom
  #life: Life | undefined
  #lives = 0
  #transactions = 0

  constructor(plan: CopierPlan, stage: Stage) {
    this.name = plan.name
    this.#plan = plan
    this.#stage = stage
    this.#random = new SeededRandom(plan.seed)
  }

  start(): void {
    this.#lives++
    this.#life = beginProcess(this, this.#stage, this.#random, (process) => this.#run(process))
  }

  pause(durationMs: number): void {
    pauseLife(this, this.#life, durationMs)
  }

  async #run(process: Process): Promise<void> {
    const way = this.#stage.doors.wayOf(this.name)
    const consumer = this.#newConsumer(process, way)
    const producer = this.#newProducer(process, way)
    await consumer.subscribe([this.#plan.from])
    for (;;) {
      const records = await this.#poll(consumer, process)
      const isOver =
        records === 'fatal' || (records.length > 0 && (await this.#copy(records, consumer, producer, process)))
      if (isOver || this.#crashes()) return this.#end(process)
    }
  }

  async #poll(consumer: Consumer, process: Process): Promise<ConsumerRecord[] | 'fatal'> {
    try {
      return await consumer.poll(200)
    } catch (error) {
      const { fatal } = this.#expected(error, 'poll')
      await sleep(process, 20)
      return fatal ? 'fatal' : []
    }
  }

  /** One transaction. Whether this life is over. */
  async #copy(records: ConsumerRecord[], consumer: Consumer, producer: Producer, process: Process): Promise<boolean> {
    const id = `${this.name}.${this.#lives}.${this.#transactions++}`
    const lingersAt = this.#whereToLinger()
    let transaction: Transaction | undefined
    try {
      transaction = await producer.beginTransaction()
      for (const { partition, value } of records) {
        transaction.send({ topic: this.#plan.to, partition, value: `${value}|${id}` }).catch(ignore)
        // What is sent later goes in another batch.
        if (this.#random.chance(0.1)) await sleep(process, this.#random.between(1, 10))
        if (lingersAt === 'a record' && this.#random.chance(1 / records.length)) await this.#linger(process)
      }
      if (this.#random.chance(0.2)) await sleep(process, this.#random.between(1, 300))
      if (this.#crashes()) return true
      if (this.#random.chance(0.1)) throw new ChangedItsMind()
      await transaction.commitOffsets(consumer.position())
      if (this.#plan.regrets && this.#random.chance(0.2)) throw new ChangedItsMind()
      if (this.#crashes()) return true
      if (lingersAt === 'the end') await this.#linger(process)
      await transaction.commit()
      this.#stage.history.add({ kind: 'transaction', id, outcome: 'committed' })
      return false
    } catch (error) {
      const { fatal } = this.#expected(error, id)
      return fatal || (await this.#undo({ id, transaction, records, consumer }))
    }
  }

  /** What may be begun need not be allowed to go on, or to end. Where nobody takes rights away this draws nothing. */
  #whereToLinger(): 'nowhere' | 'a record' | 'the end' {
    if (!this.#stage.doors.asksWho(this.name)) return 'nowhere'
    return this.#random.pick(['nowhere', 'nowhere', 'a record', 'the end'])
  }

  async #linger(process: Process): Promise<void> {
    await sleep(process, this.#random.between(1, 1_000))
  }

  /** Aborts, and reads the records again. Whether this life is over. */
  async #undo({ id, transaction, records, consumer }: Undoing): Promise<boolean> {
    try {
      await transaction?.abort()
      if (transaction) this.#stage.history.add({ kind: 'transaction', id, outcome: 'aborted' })
    } catch (error) {
      // Whether a commit that got no answer counts is not known here: the next life asks.
      this.#expected(error, `${id} abort`)
      return true
    }
    if (this.#plan.regrets) {
      consumer.seekToCommitted()
      return false
    }
    for (const { topic, partition, offset } of [...records].reverse()) {
      const isOwned = consumer.assignment().some((one) => one.topic === topic && one.partition === partition)
      if (isOwned) consumer.seek({ topic, partition, offset })
    }
    return false
  }

  /** What can happen to any application, and whether it must begin anew. */
  #expected(error: unknown, what: string): { fatal: boolean } {
    if (error instanceof ChangedItsMind) return { fatal: false }
    if (!(error instanceof RivvenError)) throw error
    this.#stage.history.add({ kind: 'note', text: `${this.name} ${what}: ${error.message}` })
    return { fatal: this.#stage.doors.isShutOut(this.name, error) || error.fatal }
  }

  #crashes(): boolean {
    const { world, activeUntil } = this.#stage
    return this.#plan.crashes && world.schedule.now < activeUntil && this.#random.chance(0.02)
  }

  #end({ life, random }: Process): void {
    this.#stage.history.add({ kind: 'gone', host: this.name })
    life.die()
    this.#stage.world.schedule.after(random.between(1, 1_000), `${this.name} starts again`, () => this.start())
  }

  #newConsumer({ runtime }: Process, way: Way): Consumer {
    return new Consumer({
      ...this.#reach(runtime, way),
      groupId: this.#plan.group,
      partitionAssignmentStrategy: this.#plan.strategy,
      sessionTimeoutMs: 1_000,
      heartbeatIntervalMs: 200,
      maxPollIntervalMs: 3_000,
      autoOffsetReset: 'earliest',
      isolationLevel: 'read_committed',
      enableAutoCommit: false,
      metadataMaxAgeMs: 2_000,
      fetchMaxWaitMs: 300,
      logger: { warn: () => undefined },
    })
  }

  #newProducer({ runtime }: Process, way: Way): Producer {
    const { transactionalId, transactionTimeoutMs } = this.#plan
    const limits = { transactionTimeoutMs, deliveryTimeoutMs: 8_000 }
    return new Producer({ ...this.#reach(runtime, way), transactionalId, ...limits })
  }

  #reach(runtime: Process['runtime'], way: Way) {
    return { ...way, runtime, clientId: this.name, requestTimeoutMs: 1_500, connectTimeoutMs: 1_000 }
  }
}

interface Undoing {
  readonly id: string
  readonly transaction: Transaction | undefined
  readonly records: readonly ConsumerRecord[]
  readonly consumer: Consumer
}

/** The application has found something that it does not want to write. */
class ChangedItsMind extends Error {}

function ignore(): void {
  // The commit tells.
}
