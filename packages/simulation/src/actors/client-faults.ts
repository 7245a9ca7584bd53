import type { FaultPlan } from '../plan/plan.js'
import type { SeededRandom } from '../world/seeded-random.js'
import type { Actor, Stage } from './actor.js'
import { Moments } from './moments.js'

export interface Involved {
  readonly actors: ReadonlyMap<string, Actor>
  /** Hosts. */
  readonly brokers: readonly string[]
}

/** What goes wrong with clients, with their lines to brokers, and with clocks. */
export class ClientFaults {
  readonly #stage: Stage
  readonly #involved: Involved
  readonly #moments = new Moments()
  #isOver = false

  constructor(stage: Stage, involved: Involved) {
    this.#stage = stage
    this.#involved = involved
    stage.history.watch(this.#moments)
  }

  /** The client that a fault strikes. */
  hostOf({ host }: FaultPlan): string {
    const { actors } = this.#involved
    return actors.has(host) ? host : ([...actors.keys()][0] ?? '')
  }

  /** False where it is none of clients. */
  strike(fault: FaultPlan, random: SeededRandom): boolean {
    const { world } = this.#stage
    const { network } = world
    const host = this.hostOf(fault)
    const later = (undo: () => void) => world.schedule.after(fault.durationMs, `end of ${fault.kind}`, undo)
    switch (fault.kind) {
      case 'member dies in a rebalance':
        this.#moments.inRebalance(random, (member) => this.#killMember(member, random))
        return true
      case 'cut': {
        const broker = this.#anyBroker(random)
        network.cut(host, broker)
        later(() => network.heal(host, broker))
        return true
      }
      case 'cut one way': {
        const broker = this.#anyBroker(random)
        network.cut(host, broker, random.chance(0.5) ? 'to' : 'from')
        later(() => network.heal(host, broker))
        return true
      }
      case 'slow line':
        network.slow(host, random.between(10, 400))
        later(() => network.slow(host, 0))
        return true
      case 'client pause':
        this.#involved.actors.get(host)?.pause(fault.durationMs)
        return true
      case 'clock ahead':
        world.machine(this.#anyBroker(random)).wallSkewMs += 600_000
        return true
      case 'clock jump':
        world.machine(random.chance(0.7) ? this.#anyBroker(random) : host).wallSkewMs += random.between(
          -3_600_000,
          3_600_000,
        )
        return true
      default:
        return false
    }
  }

  /** All has gone wrong that will. */
  forget(): void {
    this.#isOver = true
    this.#moments.forget()
  }

  /** Where there is one only, nothing is left to chance. */
  #anyBroker(random: SeededRandom): string {
    const { brokers } = this.#involved
    return brokers.length === 1 ? brokers[0]! : random.pick(brokers)
  }

  #killMember(name: string, random: SeededRandom): void {
    const comesBack = random.chance(0.6)
    this.#stage.world.schedule.after(random.between(0, 4), `${name} is killed`, () => {
      if (!this.#isOver) this.#involved.actors.get(name)?.kill?.(comesBack)
    })
  }
}
