import { Pace } from './pace.js'

/** Kafka's default of limits. */
const NO_LIMIT = 2_147_483_647

/** How many may be behind a door at a time, and come in a second: that of the broker, and of each listener. */
export class Door {
  readonly name: string
  readonly #most: number
  readonly #pace: Pace | undefined
  /** Behind it, and in front of it. */
  count = 0
  waiting = 0

  constructor(name: string, most: number, perSecond: number) {
    this.name = name
    this.#most = most
    this.#pace = perSecond === NO_LIMIT ? undefined : new Pace(perSecond, perSecond)
  }

  get isFull(): boolean {
    return this.count >= this.#most
  }

  /** How long the next one has to wait because others have just come, in ms. */
  waitMs(now: number): number {
    return this.#pace?.waitMs(now) ?? 0
  }

  enter(now: number): void {
    this.count += 1
    this.#pace?.take(now)
  }

  leave(): void {
    this.count -= 1
  }
}
