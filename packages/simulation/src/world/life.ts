import type { Schedule } from './schedule.js'

/**
 * One life of one process on one machine: from its start until it is killed. Whatever happens to it (a timer, bytes, an
 * answer of the disk) goes through here: a process that stands still gets it later, a dead one never.
 */
export class Life {
  readonly host: Host
  readonly schedule: Schedule
  #isDead = false
  #isPaused = false
  #held: (() => void)[] = []
  readonly #atDeath: (() => void)[] = []

  constructor(host: Host, schedule: Schedule) {
    this.host = host
    this.schedule = schedule
  }

  get isDead(): boolean {
    return this.#isDead
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Plans something that happens to this process. */
  after(delayMs: number, label: string, run: () => void): { isCancelled: boolean } {
    const planned = { isCancelled: false }
    this.schedule.after(delayMs, `${this.host.name} ${label}`, () => {
      if (planned.isCancelled) return
      if (this.#isPaused) this.#held.push(() => planned.isCancelled || run())
      else if (!this.#isDead) run()
    })
    return planned
  }

  /** Stands still (SIGSTOP, a long pause of the event loop): the world goes on, and everything comes at once afterwards. */
  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    for (const run of this.#held.splice(0)) this.after(0, 'goes on', run)
  }

  /** Killed: nothing of it ever runs again, but for what the machine does with its connections. */
  die(): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#held = []
    for (const act of this.#atDeath.splice(0)) act()
  }

  onDeath(act: () => void): void {
    this.#atDeath.push(act)
  }
}

/** A machine: its name is its address. */
export interface Host {
  readonly name: string
  /** What its wall clock is ahead of the true time, in milliseconds. It may jump. */
  wallSkewMs: number
}
