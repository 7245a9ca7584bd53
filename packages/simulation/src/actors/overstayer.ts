import { type Api, Heartbeat, SaslAuthenticate, SaslHandshake } from '@rivven/protocol'
import { loginServers } from '../plan/brokers.js'
import type { OverstayerPlan } from '../plan/plan.js'
import { SeededRandom } from '../world/seeded-random.js'
import { type Actor, beginProcess, type Process, type Stage, sleep } from './actor.js'
import { RawLine } from './raw-line.js'

const [host = '', port] = loginServers.split(':')
const address = { host, port: Number(port) }

/** A user that comes in, and then asks on although its session is over; or asks for something before it is in. */
export class Overstayer implements Actor {
  readonly name: string
  readonly #plan: OverstayerPlan
  readonly #stage: Stage
  readonly #random: SeededRandom

  constructor(plan: OverstayerPlan, stage: Stage) {
    this.name = plan.name
    this.#plan = plan
    this.#stage = stage
    this.#random = new SeededRandom(plan.seed)
  }

  start(): void {
    beginProcess(this, this.#stage, this.#random, (process) => this.#run(process))
  }

  pause(): void {
    // It is in no hurry.
  }

  async #run(process: Process): Promise<void> {
    while (this.#stage.world.schedule.now < this.#stage.activeUntil) {
      await sleep(process, this.#random.between(10, 300))
      const line = await RawLine.open(process.runtime, address, this.name)
      if (line) await this.#stay(line, process)
    }
  }

  async #stay(line: RawLine, process: Process): Promise<void> {
    const { sasl } = this.#stage.doors.wayOf(this.name)
    await line.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })
    if (this.#random.chance(0.3)) await this.#beat(line)
    const authBytes = Buffer.from(`\0${sasl?.username}\0${sasl?.password}`)
    await line.ask(SaslAuthenticate, 2, { authBytes })
    while (line.isOpen && this.#stage.world.schedule.now < this.#stage.activeUntil) {
      await sleep(process, this.#random.between(10, 400))
      await this.#beat(line)
    }
    line.close()
  }

  /** Of a member that nobody knows: it must not have an effect. */
  #beat(line: RawLine): Promise<void> {
    const request = { groupId: this.#plan.group, memberId: this.name, generationId: 1, groupInstanceId: null }
    return line.ask(Heartbeat as Api, 4, request)
  }
}
