import type { Waiting } from '../deadlines.js'
import type { RefusalReason } from '../refusals.js'
import type { Door } from './door.js'

/** What comes to a listener, before it is a connection that requests are read from. */
export interface VisitorParts {
  readonly host: string
  readonly door: Door
  /** When somebody must have been let in, and have done its handshake (monotonic). */
  readonly deadline: number
  /** Goes on: there is a place for it. */
  enter(visitor: Visitor): void
  /** Closes it. */
  destroy(): void
}

/** Where somebody is on the way in. */
export type Stage = 'outside' | 'in line' | 'entered' | 'gone'

/** One that has come to a listener; the entrance knows it until its connection is gone. */
export class Visitor implements Waiting {
  readonly host: string
  readonly door: Door
  readonly deadline: number
  stage: Stage = 'outside'
  /** Its handshake is not done: it is waited for until its deadline. */
  isShaking = false
  readonly #parts: VisitorParts
  readonly #onLate: (visitor: Visitor) => void

  constructor(parts: VisitorParts, onLate: (visitor: Visitor) => void) {
    this.#parts = parts
    this.host = parts.host
    this.door = parts.door
    this.deadline = parts.deadline
    this.#onLate = onLate
  }

  enter(): void {
    this.stage = 'entered'
    this.#parts.enter(this)
  }

  destroy(): void {
    this.#parts.destroy()
  }

  look(): undefined {
    const isLate = this.stage === 'in line' || this.isShaking
    if (isLate && this.stage !== 'gone') this.#onLate(this)
    return undefined
  }
}

/** Why one is sent away, as it is told. */
export interface Dismissal {
  readonly reason: RefusalReason
  readonly level: 'info' | 'warn'
  readonly text: string
  /** Told for each address by itself. */
  readonly perAddress?: boolean
}
