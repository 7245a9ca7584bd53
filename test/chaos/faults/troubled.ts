import { setTimeout as pause } from 'node:timers/promises'
import type { RivvendProcess } from '../../support/rivvend-process.js'
import type { Fault } from './plan.js'

/** A database as faults see it. */
export interface TroubledDatabase {
  /** A crash, and a new start when `meanwhile` is over. Default: at once. */
  crash(meanwhile?: () => Promise<unknown>): Promise<void>
  /** Its server crashes, a synchronous standby takes its place; null: there is no standby. */
  failOver: (() => Promise<void>) | null
  /** Of the server that takes writes now. */
  readonly url: string
}

/** A client as faults see it. */
export interface TroubledClient {
  kill(): void
}

/** All that faults are done to. */
export interface TroubledWorld {
  readonly brokers: readonly RivvendProcess[]
  readonly database: TroubledDatabase | null
  readonly copiers: readonly TroubledClient[]
}

/** Does faults to a world, each to something that is in no trouble yet. */
export class Trouble {
  readonly #world: TroubledWorld
  readonly #busy = new Set<object>()
  readonly #underWay = new Set<Promise<void>>()
  readonly #failures: unknown[] = []

  constructor(world: TroubledWorld) {
    this.#world = world
  }

  /** Begins a fault; null: everything that it could be done to is in trouble already. Answers what it is done to. */
  begin(fault: Fault): string | null {
    switch (fault.kind) {
      case 'copier killed':
        this.#world.copiers[fault.copier]!.kill()
        return `copier ${fault.copier + 1}`
      case 'database restart':
        return this.#beginOn(this.#world.database, 'database', (database) => database.crash())
      case 'fail-over':
        return this.#beginOn(this.#world.database, 'database', (database) => database.failOver!())
      default:
        return this.#beginOnBroker(fault.broker, (broker) => harm(broker, fault))
    }
  }

  /** Resolves when everything is back; rejects with the first that did not come back. */
  async over(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
    if (this.#failures.length > 0) throw this.#failures[0]
  }

  #beginOnBroker(wanted: number, harm: (broker: RivvendProcess) => Promise<void>): string | null {
    const { brokers } = this.#world
    for (let at = 0; at < brokers.length; at++) {
      const place = (wanted + at) % brokers.length
      const done = this.#beginOn(brokers[place]!, `broker ${place + 1}`, harm)
      if (done !== null) return done
    }
    return null
  }

  #beginOn<Victim extends object>(
    victim: Victim | null,
    name: string,
    harm: (victim: Victim) => Promise<void>,
  ): string | null {
    if (victim === null || this.#busy.has(victim)) return null
    this.#busy.add(victim)
    const underWay = harm(victim)
      .catch((error) => void this.#failures.push(error))
      .finally(() => {
        this.#busy.delete(victim)
        this.#underWay.delete(underWay)
      })
    this.#underWay.add(underWay)
    return name
  }
}

async function harm(broker: RivvendProcess, fault: Extract<Fault, { broker: number }>): Promise<void> {
  switch (fault.kind) {
    case 'kill -9':
      await broker.end('SIGKILL')
      return broker.start()
    case 'SIGTERM':
      await broker.end('SIGTERM')
      return broker.start()
    default:
      broker.signal('SIGSTOP')
      await pause(fault.ms)
      broker.signal('SIGCONT')
  }
}
