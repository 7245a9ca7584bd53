import { Consumer, type ConsumerRecord, RivvenError } from '@rivven/client'
import type { MemberLife } from '../history/history.js'
import type { MemberHabit, MemberPlan } from '../plan/plan.js'
import type { Life } from '../world/life.js'
import { SeededRandom } from '../world/seeded-random.js'
import { type Actor, beginProcess, type Process, pauseLife, type Stage, sleep } from './actor.js'

/** An application that reads as a member of a group, in one process after the other. */
export class Member implements Actor {
  readonly name: string
  readonly #plan: MemberPlan
  readonly #stage: Stage
  readonly #random: SeededRandom
  #lives = 0
  /** How many of its topics it subscribes to at present. */
  #topicCount = 0
  /** Polls until what it holds back is read on; 0: it holds nothing. */
  #holds = 0
  #life: Life | undefined
  /** Ends the present life. */
  #kill: ((comesBack: boolean) => void) | undefined

  constructor(plan: MemberPlan, stage: Stage) {
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

  kill(comesBack: boolean): void {
    this.#kill?.(comesBack || !this.#plan.mayDie)
  }

  async #run(process: Process): Promise<void> {
    const { history } = this.#stage
    const consumer = this.#newConsumer(process)
    const self = this.#self(consumer)
    this.#kill = (comesBack) => this.#end(process, self, comesBack)
    consumer.setRebalanceListener({
      onPartitionsAssigned: async (partitions) => history.add({ kind: 'assigned', member: self, partitions }),
      onPartitionsRevoked: async (partitions) => {
        history.add({ kind: 'revoked', member: self, partitions })
        if (this.#random.chance(0.3)) await sleep(process, this.#random.between(1, 80))
      },
      onPartitionsLost: async (partitions) => history.add({ kind: 'lost', member: self, partitions }),
    })
    await consumer.subscribe([...this.#plan.topics])
    this.#topicCount = this.#plan.topics.length
    this.#holds = 0
    for (;;) {
      if (this.#holds > 0 && (--this.#holds === 0 || this.#isCalm)) this.#letGo(consumer)
      if (this.#topicCount < this.#plan.topics.length && this.#isCalm) await this.#changeTopics(consumer)
      const records = await this.#poll(consumer, self, process)
      // Two with one instance id would throw each other out for ever.
      if (records === 'replaced')
        return this.#end(process, self, this.#stage.world.schedule.now < this.#stage.activeUntil)
      if (records === 'shut out') return this.#end(process, self)
      const habit = this.#habit()
      if (habit && (await this.#indulge(habit, consumer, self, process))) return
      if (records.length > 0) await this.#handle(consumer, process)
    }
  }

  async #poll(
    consumer: Consumer,
    member: MemberLife,
    process: Process,
  ): Promise<ConsumerRecord[] | 'replaced' | 'shut out'> {
    this.#stage.history.add({ kind: 'polls', member })
    try {
      const records = await consumer.poll(this.#plan.waitMs ?? 200)
      if (records.length > 0) this.#stage.history.add({ kind: 'polled', member, records: records.map(seen) })
      return records
    } catch (error) {
      const trouble = this.#note(error, 'poll')
      if (this.#stage.doors.isShutOut(this.name, trouble)) return 'shut out'
      if (trouble.fatal) {
        this.#stage.history.add({ kind: 'fenced', member })
        return 'replaced'
      }
      if (trouble.code === 'CORRUPT_MESSAGE') await this.#passDamage(consumer, trouble)
      await sleep(process, 20)
      return []
    }
  }

  /** Reads on behind what is damaged, as its operator tells it to. */
  async #passDamage(consumer: Consumer, { message, facts }: RivvenError): Promise<void> {
    const { topic, partition, offset, nextOffset } = facts
    this.#stage.history.add({ kind: 'told', text: message })
    if (topic === undefined || partition === undefined || offset === undefined) return
    try {
      const position = await consumer.position({ topic, partition })
      if (position !== offset) return
      consumer.seek({ topic, partition, offset: typeof nextOffset === 'number' ? nextOffset : position + 1 })
    } catch (error) {
      this.#note(error, 'seek')
    }
  }

  /** Works on what it got, and commits as it is used to. */
  async #handle(consumer: Consumer, process: Process): Promise<void> {
    if (this.#random.chance(0.3)) await sleep(process, this.#random.between(1, 100))
    const { commits } = this.#plan
    if (commits === 'auto' || (commits === 'rarely' && this.#random.chance(0.8))) return
    try {
      await consumer.commit()
    } catch (error) {
      // What is owned is committed through a rebalance: nobody is told to try again later.
      if (this.#note(error, 'commit').code === 'REBALANCE_IN_PROGRESS') throw error
    }
  }

  #habit(): MemberHabit | undefined {
    const { habits } = this.#plan
    if (this.#isCalm || habits.length === 0) return undefined
    return this.#random.chance(this.#plan.restlessness) ? this.#random.pick(habits) : undefined
  }

  /** Whether that was the end of this life. */
  async #indulge(habit: MemberHabit, consumer: Consumer, self: MemberLife, process: Process): Promise<boolean> {
    const { sessionTimeoutMs, maxPollIntervalMs } = this.#plan
    this.#stage.history.add({ kind: 'note', text: `${this.name}: ${habit}` })
    switch (habit) {
      case 'close':
        await this.#close(consumer)
        this.#end(process, self)
        return true
      case 'crash':
        this.#end(process, self)
        return true
      case 'die':
        this.#end(process, self, false)
        return true
      case 'pause':
        this.pause(this.#random.between(10, 2 * sessionTimeoutMs))
        await sleep(process, 1)
        return false
      case 'stop polling':
        await sleep(process, this.#random.between(10, 1.5 * maxPollIntervalMs))
        return false
      case 'change topics':
        await this.#changeTopics(consumer)
        return false
      case 'hold partitions':
        consumer.pause()
        this.#holds = 1 + this.#random.below(8)
        return false
      case 'unsubscribe':
        await this.#comeAndGo(consumer, process)
        return false
    }
  }

  #letGo(consumer: Consumer): void {
    this.#holds = 0
    consumer.resume()
  }

  async #comeAndGo(consumer: Consumer, process: Process): Promise<void> {
    try {
      await consumer.unsubscribe()
    } catch (error) {
      this.#note(error, 'unsubscribe')
    }
    await sleep(process, this.#random.between(1, 500))
    await consumer.subscribe(this.#plan.topics.slice(0, this.#topicCount))
  }

  /** To the first topic alone, and back to all. */
  async #changeTopics(consumer: Consumer): Promise<void> {
    const { topics } = this.#plan
    this.#topicCount = this.#topicCount === topics.length ? 1 : topics.length
    await consumer.subscribe(topics.slice(0, this.#topicCount))
  }

  get #isCalm(): boolean {
    return this.#stage.world.schedule.now > this.#stage.activeUntil
  }

  async #close(consumer: Consumer): Promise<void> {
    try {
      await consumer.close({ timeoutMs: 2_000 })
    } catch (error) {
      this.#note(error, 'close')
    }
  }

  /** What can happen to any application. Anything else is a bug. */
  #note(error: unknown, what: string): RivvenError {
    if (!(error instanceof RivvenError)) throw error
    this.#stage.history.add({ kind: 'note', text: `${this.name} ${what}: ${error.message}` })
    return error
  }

  #end({ life, random }: Process, member: MemberLife, comesBack = true): void {
    this.#kill = undefined
    this.#stage.history.add({ kind: 'gone', host: this.name, member })
    life.die()
    if (!comesBack) return
    const pause = random.chance(0.5) ? random.between(1, 200) : random.between(1, 3_000)
    this.#stage.world.schedule.after(pause, `${this.name} starts again`, () => this.start())
  }

  #newConsumer({ runtime }: Process): Consumer {
    const plan = this.#plan
    return new Consumer({
      ...this.#stage.doors.wayOf(this.name),
      runtime,
      clientId: this.name,
      groupId: plan.group,
      ...(plan.instanceId === undefined ? {} : { groupInstanceId: plan.instanceId }),
      partitionAssignmentStrategy: plan.strategy,
      sessionTimeoutMs: plan.sessionTimeoutMs,
      heartbeatIntervalMs: plan.heartbeatIntervalMs,
      maxPollIntervalMs: plan.maxPollIntervalMs,
      autoOffsetReset: 'earliest',
      isolationLevel: plan.isCommittedOnly ? 'read_committed' : 'read_uncommitted',
      enableAutoCommit: plan.commits === 'auto',
      autoCommitIntervalMs: 300,
      requestTimeoutMs: 3_000,
      connectTimeoutMs: 1_000,
      metadataMaxAgeMs: 2_000,
      fetchMaxWaitMs: plan.waitMs ?? 300,
      ...(plan.fetchBytes === undefined ? {} : { maxPartitionFetchBytes: plan.fetchBytes }),
      logger: silent,
    })
  }

  #self(consumer: Consumer): MemberLife {
    return {
      host: this.name,
      life: this.#lives,
      group: this.#plan.group,
      instanceId: this.#plan.instanceId,
      memberId: () => consumer.memberId,
      generation: () => consumer.generationId,
    }
  }
}

const silent = { warn: () => undefined }

function seen({ topic, partition, offset, value }: ConsumerRecord) {
  return { topic, partition, offset, value: value?.toString() ?? '' }
}
