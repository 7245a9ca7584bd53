import { Producer, RivvenError } from '@rivven/client'
import type { ProducerPlan } from '../plan/plan.js'
import type { Life } from '../world/life.js'
import { SeededRandom } from '../world/seeded-random.js'
import { type Actor, beginProcess, type Process, pauseLife, type Stage, sleep } from './actor.js'

/** Writes records whose values are written by nobody else: `producer-0.life.number`. */
export class RecordProducer implements Actor {
  readonly name: string
  readonly #plan: ProducerPlan
  readonly #stage: Stage
  readonly #random: SeededRandom
  #life: Life | undefined
  #lives = 0
  #count = 0
  #isShutOut = false

  constructor(plan: ProducerPlan, stage: Stage) {
    this.name = plan.name
    this.#plan = plan
    this.#stage = stage
    this.#random = new SeededRandom(plan.seed)
  }

  start(): void {
    this.#lives++
    this.#isShutOut = false
    this.#life = beginProcess(this, this.#stage, this.#random, (process) => this.#run(process))
  }

  pause(durationMs: number): void {
    pauseLife(this, this.#life, durationMs)
  }

  async #run(process: Process): Promise<void> {
    const { runtime, random, life } = process
    const { world, activeUntil } = this.#stage
    const producer = new Producer({
      ...this.#stage.doors.wayOf(this.name),
      runtime,
      clientId: this.name,
      requestTimeoutMs: 1_500,
      deliveryTimeoutMs: 8_000,
      connectTimeoutMs: 1_000,
      lingerMs: random.chance(0.5) ? 0 : 30,
    })
    while (world.schedule.now < activeUntil) {
      const burst = random.chance(0.2) ? 5 : 1
      for (let at = 0; at < burst; at++) this.#send(producer)
      await sleep(process, random.between(0, 2 * this.#plan.everyMs))
      const crashes = this.#plan.crashes && random.chance(0.02)
      if (!crashes && !this.#isShutOut) continue
      this.#stage.history.add({ kind: 'gone', host: this.name })
      life.die()
      world.schedule.after(random.between(10, 500), `${this.name} starts again`, () => this.start())
      return
    }
    await producer.close()
  }

  #send(producer: Producer): void {
    const { history, doors } = this.#stage
    const { topic } = this.#plan
    const value = `${this.name}.${this.#lives}.${this.#count++}`
    producer.send({ topic, key: String(this.#random.below(20)), value }).then(
      ({ partition, offset }) =>
        history.add({ kind: 'acknowledged', producer: this.name, record: { topic, partition, offset, value } }),
      (error) => {
        if (!(error instanceof RivvenError)) return this.#stage.fail(`${this.name} failed`, error)
        history.add({ kind: 'note', text: `${value} failed: ${error.message}` })
        if (doors.isShutOut(this.name, error)) this.#isShutOut = true
      },
    )
  }
}
