import type { ClusterPlan, FaultPlan } from '../plan/plan.js'
import { databaseHost } from '../world/database-wire.js'
import { SeededRandom } from '../world/seeded-random.js'
import type { SimDatabase } from '../world/sim-database.js'
import type { Actor, Stage } from './actor.js'
import type { BrokerEnd, BrokerMachine } from './broker-machine.js'
import { ClientFaults } from './client-faults.js'

/** Before a start or a word to the cluster is tried again. */
const AGAIN_MS = 200

export interface ClusterParts {
  /** By place: node 1 first. */
  readonly brokers: readonly BrokerMachine[]
  readonly database: SimDatabase
  readonly actors: ReadonlyMap<string, Actor>
}

/** Lets happen what goes wrong with several brokers and their database, and puts all of it right at the end. */
export class ClusterFaults {
  readonly #stage: Stage
  readonly #parts: ClusterParts
  readonly #ofClients: ClientFaults
  #isOver = false

  constructor(stage: Stage, parts: ClusterParts) {
    this.#stage = stage
    this.#parts = parts
    this.#ofClients = new ClientFaults(stage, { actors: parts.actors, brokers: parts.brokers.map(({ host }) => host) })
  }

  plan(faults: readonly FaultPlan[]): void {
    const { schedule } = this.#stage.world
    for (const fault of faults) schedule.after(fault.at, `fault ${fault.kind}`, () => this.#strike(fault))
    schedule.after(this.#stage.activeUntil, 'faults are over', () => this.#heal())
  }

  /** Resolves when all that found it are up; rejects where one of them does not start. One more may join later. */
  async start({ brokers: count, joinsAt }: ClusterPlan): Promise<void> {
    const { brokers } = this.#parts
    if (joinsAt !== undefined) this.#stage.world.schedule.after(joinsAt, 'one joins', () => this.#join(brokers[count]!))
    await Promise.all(brokers.slice(0, count).map((machine) => machine.start()))
  }

  /** Nobody must notice: this is no fault, and no broker's return. */
  #join(machine: BrokerMachine): void {
    if (machine.starts > 0) return
    this.#stage.history.add({ kind: 'note', text: `${machine.host} joins` })
    this.#startAgain(machine, () => undefined)
  }

  #strike(fault: FaultPlan): void {
    const random = new SeededRandom(fault.seed)
    const { kind, host, durationMs } = fault
    this.#stage.history.add({ kind: 'note', text: `fault: ${kind} ${host} for ${Math.round(durationMs)} ms` })
    if (!this.#strikeDatabase(fault) && !this.#strikeBroker(fault, random)) this.#ofClients.strike(fault, random)
  }

  #strikeDatabase({ kind, durationMs, seed }: FaultPlan): boolean {
    const { world } = this.#stage
    const { database, brokers } = this.#parts
    const later = (undo: () => void) => world.schedule.after(durationMs, `end of ${kind}`, undo)
    switch (kind) {
      case 'database away':
        database.stop()
        later(() => database.start())
        return true
      case 'database connections break':
        // Of one broker alone: whoever waits for its end hears of it.
        database.reset(seed % 2 === 0 ? undefined : brokers[seed % brokers.length]!.host)
        return true
      case 'database fail-over':
        database.failOver()
        return true
      case 'database slow':
        world.network.slow(databaseHost, 5 + (seed % 300))
        later(() => world.network.slow(databaseHost, 0))
        return true
      default:
        return false
    }
  }

  #strikeBroker({ kind, host, durationMs }: FaultPlan, random: SeededRandom): boolean {
    const machine = this.#parts.brokers.find((one) => one.host === host)
    if (!machine) return false
    const { world } = this.#stage
    switch (kind) {
      case 'broker kill':
        this.#end(machine, 'kill', durationMs)
        return true
      case 'broker restart':
        this.#end(machine, 'stop', durationMs)
        return true
      case 'broker pause':
        this.#pause(machine, durationMs)
        return true
      case 'drain':
        this.#drain(machine, true)
        world.schedule.after(durationMs, 'end of drain', () => this.#drain(machine, false))
        return true
      case 'cut from the database':
        this.#cut(machine, [databaseHost], { durationMs, random })
        return true
      case 'cut from other brokers': {
        const others = this.#parts.brokers.filter((one) => one !== machine)
        const hosts = others.map((one) => one.host)
        this.#cut(machine, hosts, { durationMs, random })
        return true
      }
      default:
        return false
    }
  }

  #cut({ host }: BrokerMachine, others: readonly string[], how: { durationMs: number; random: SeededRandom }): void {
    const { network, schedule } = this.#stage.world
    const direction = how.random.pick(['both', 'both', 'to', 'from'] as const)
    for (const other of others) network.cut(host, other, direction)
    schedule.after(how.durationMs, 'end of cut', () => {
      for (const other of others) network.heal(host, other)
    })
  }

  /** Ends this life; the next one begins after a while. */
  #end(machine: BrokerMachine, how: BrokerEnd, pauseMs: number): void {
    const { host } = machine
    if (!machine.isUp && (how === 'stop' || !machine.isEnding)) return
    this.#stage.history.add({ kind: 'broker', what: how, host })
    const startAgain = () =>
      this.#stage.world.schedule.after(pauseMs, `${host} starts again`, () => this.#startAgain(machine))
    machine.end(how).then(startAgain, (error) => {
      this.#stage.fail(`${host} could not end`, error)
      startAgain()
    })
  }

  #startAgain(machine: BrokerMachine, started = () => this.#tellUp(machine)): void {
    const { host } = machine
    if (machine.isUp || machine.isStarting || machine.isEnding) return
    machine.start().then(started, () => {
      // Its last life may still have its lease and its session, or the database is away.
      void machine.end('kill')
      this.#stage.world.schedule.after(AGAIN_MS, `${host} starts again`, () => this.#startAgain(machine))
    })
  }

  #tellUp({ host }: BrokerMachine): void {
    this.#stage.history.add({ kind: 'broker', what: 'up', host })
  }

  #pause({ life }: BrokerMachine, durationMs: number): void {
    if (!life || life.isPaused) return
    life.pause()
    this.#stage.world.schedule.after(durationMs, 'broker goes on', () => life.resume())
  }

  /** Said to any broker that is up. At the end it must be heard. */
  #drain(machine: BrokerMachine, isDraining: boolean): void {
    const { brokers } = this.#parts
    const nodeId = brokers.indexOf(machine) + 1
    const asked = brokers.find(({ isUp }) => isUp)
    const again = () => {
      if (isDraining || !this.#isOver) return
      this.#stage.world.schedule.after(AGAIN_MS, 'undrain', () => this.#drain(machine, false))
    }
    if (asked) asked.drain(nodeId, isDraining).catch(again)
    else again()
  }

  #heal(): void {
    const { world, history } = this.#stage
    this.#isOver = true
    this.#ofClients.forget()
    world.network.healAll()
    for (const machine of world.machines) machine.wallSkewMs = 0
    this.#parts.database.start()
    history.add({ kind: 'note', text: 'faults are over' })
    for (const machine of this.#parts.brokers) {
      machine.life?.resume()
      this.#startAgain(machine)
      this.#drain(machine, false)
    }
  }
}
