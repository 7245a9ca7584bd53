import type { Address, ByteStream, Clock, Network, Timer } from '@rivven/runtime'
import { UnavailableError, UnknownOutcomeError } from '../../../src/database/database-error.js'
import type { Wire } from '../../../src/database/memory/wire.js'

/** What is between a broker and the database; and whether the broker's process runs at all. */
export class TestLife implements Clock, Wire {
  readonly #clock: Clock
  #state: 'runs' | 'paused' | 'dead' = 'runs'
  /** What waits until the process goes on. */
  #held: (() => void)[] = []
  /** Calls do not arrive; or they do, and their answers do not. */
  cut: 'none' | 'calls' | 'answers' = 'none'
  /** All calls that were made, by name. */
  readonly calls: string[] = []
  #chance: number

  constructor(clock: Clock, seed: number) {
    this.#clock = clock
    this.#chance = seed
  }

  get isDead(): boolean {
    return this.#state === 'dead'
  }

  now(): number {
    return this.#clock.now()
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    let isCancelled = false
    const fire = () => {
      if (!isCancelled) callback()
    }
    const timer = this.#clock.setTimer(delayMs, () => this.#run(fire))
    return {
      cancel: () => {
        isCancelled = true
        timer.cancel()
      },
    }
  }

  /** Calls and answers travel for some ms, so they overtake each other; a call that has left arrives, whatever becomes of its process. */
  async carry<Answer>(call: string, arrive: () => Answer): Promise<Answer> {
    await this.#travel()
    this.calls.push(call)
    if (this.cut === 'calls') throw new UnavailableError('The database is away.')
    const answer = arrive()
    await this.#travel()
    await new Promise<void>((resolve) => this.#run(resolve))
    if (this.cut === 'answers') throw new UnknownOutcomeError('The answer was lost.')
    return answer
  }

  tell(arrive: () => void): void {
    if (this.cut === 'none') queueMicrotask(() => this.#run(arrive))
  }

  pause(): void {
    if (this.#state === 'runs') this.#state = 'paused'
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'runs'
    for (const work of this.#held.splice(0)) work()
  }

  die(): void {
    this.#state = 'dead'
  }

  #travel(): Promise<void> {
    this.#chance = (this.#chance * 1_103_515_245 + 12_345) % 2 ** 31
    return new Promise((resolve) => this.#clock.setTimer(1 + (this.#chance % 5), resolve))
  }

  #run(work: () => void): void {
    if (this.#state === 'runs') work()
    else if (this.#state === 'paused') this.#held.push(work)
  }
}

/** Nobody listens where a process is dead. */
export function networkOf(lives: ReadonlyMap<number, TestLife>): Network {
  return {
    connect: async ({ port }: Address) => {
      if (lives.get(port)?.isDead !== false) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
      return { destroy: () => undefined } as ByteStream
    },
    listen: () => Promise.reject(new Error('nobody listens here')),
  }
}
