import type { Clock } from '@rivven/runtime'

const PAUSE_MS = 10_000

/** Tells whoever runs this why the database cannot be used, not more often than every ten seconds, and when it can again. */
export class OutageNotes {
  readonly #clock: Clock
  readonly #warn: (text: string) => void
  #toldAt: number | undefined

  constructor(clock: Clock, warn: (text: string) => void) {
    this.#clock = clock
    this.#warn = warn
  }

  failed({ message }: Error): void {
    const now = this.#clock.monotonic()
    if (this.#toldAt !== undefined && now - this.#toldAt < PAUSE_MS) return
    this.#toldAt = now
    this.#warn(`The database cannot be used, and is tried again: ${message}`)
  }

  worked(): void {
    if (this.#toldAt === undefined) return
    this.#toldAt = undefined
    this.#warn('The database can be used again.')
  }
}
