import type { Clock, Timer } from '@rivven/runtime'
import type { StoredLog } from './stored-log.js'
import type { KeptLog } from './upkeep.js'

const EVERY_MS = 1_000

export interface RecoveryOptions {
  readonly clock: Clock
  /** The logs there are now. */
  logs(): Iterable<KeptLog>
  /** Whether the disk takes appends again. */
  hasRoom(): Promise<boolean>
  /** Retention: it may make the room. */
  makeRoom(): Promise<void>
  onRecovered(count: number): void
}

/** Brings logs back that a full disk (or no descriptor) has stopped, as soon as there is room: nobody else need ask, and nobody finds out by failing. */
export class Recovery {
  readonly #options: RecoveryOptions
  #timer: Timer | undefined
  #round: Promise<void> | undefined
  #isStopped = false

  constructor(options: RecoveryOptions) {
    this.#options = options
  }

  /** Logs that take no appends until there is room, or a descriptor. */
  get waiting(): readonly StoredLog[] {
    const waiting: StoredLog[] = []
    for (const { log } of this.#options.logs()) if (log.waitsFor !== undefined) waiting.push(log)
    return waiting
  }

  /** A log waits from now on. */
  begin(): void {
    if (this.#isStopped || this.#timer !== undefined) return
    this.#timer = this.#options.clock.setTimer(EVERY_MS, () => {
      this.#round = this.#try().finally(() => {
        this.#timer = undefined
        if (this.waiting.length > 0) this.begin()
      })
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    await this.#round
  }

  async #try(): Promise<void> {
    const { waiting } = this
    if (waiting.length === 0) return
    for (const log of waiting) await log.reopen()
    await this.#options.makeRoom()
    if (!this.#isStopped && (await this.#options.hasRoom())) this.#resume(waiting)
  }

  #resume(logs: readonly StoredLog[]): void {
    const resumed = logs.filter((log) => log.resume())
    if (resumed.length > 0) this.#options.onRecovered(resumed.length)
  }
}
