import type { Timer } from '@rivven/runtime'
import type { BrokerServices } from '../handlers/handler.js'
import type { Connection } from './connection.js'

/** How often idle connections are looked for, as a part of connections.max.idle.ms. */
const SWEEPS_PER_IDLE_TIME = 8
const LOGIN_SWEEP_MS = 1_000
/** Requests under way get this long to be answered when the broker stops. */
const STOP_WITHIN_MS = 2_000

interface Activity {
  requests: number
  since: number
}

/** All connections of a broker: ends those that are idle, or take too long to log in. */
export class Connections {
  readonly #services: BrokerServices
  readonly #connections = new Map<Connection, Activity>()
  /** Until when each must have logged in; the oldest first. */
  readonly #strangers = new Map<Connection, number>()
  readonly #sweeps = new Map<'idle' | 'login', Timer>()
  #onEmpty: (() => void) | undefined

  constructor(services: BrokerServices) {
    this.#services = services
  }

  get count(): number {
    return this.#connections.size
  }

  /** Begins to look for those that have nothing to ask. */
  watch(): void {
    const idleMs = this.#services.config.connections_max_idle_ms
    if (idleMs < 0) return
    const everyMs = Math.max(1, Math.min(idleMs / SWEEPS_PER_IDLE_TIME, 60_000))
    this.#repeat('idle', everyMs, () => this.#closeIdle(idleMs))
  }

  add(connection: Connection, loginWithinMs: number): void {
    const { traffic } = this.#services
    traffic.connections += 1
    if (connection.closed) return
    this.#connections.set(connection, { requests: 0, since: this.#now })
    traffic.opened(connection.listenerName)
    if (connection.gate.isOpen) return
    this.#strangers.set(connection, this.#now + loginWithinMs)
    if (!this.#sweeps.has('login')) this.#repeat('login', LOGIN_SWEEP_MS, () => this.#closeLate())
  }

  /** Somebody has logged in. */
  onOpen(connection: Connection): void {
    this.#strangers.delete(connection)
  }

  onClosed(connection: Connection): void {
    if (this.#connections.delete(connection)) this.#services.traffic.closed(connection.listenerName)
    this.#strangers.delete(connection)
    if (this.#connections.size === 0) this.#onEmpty?.()
  }

  /** Lets requests under way finish, closes all. */
  async close(): Promise<void> {
    this.#stopSweeps()
    if (this.#connections.size === 0) return
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    for (const connection of this.#connections.keys()) connection.end()
    const tooLong = this.#services.runtime.clock.setTimer(STOP_WITHIN_MS, () => this.#onEmpty?.())
    await empty
    tooLong.cancel()
  }

  /** Drops them all, answers nothing. */
  destroy(): void {
    this.#stopSweeps()
    for (const connection of this.#connections.keys()) connection.destroy()
  }

  get #now(): number {
    return this.#services.runtime.clock.monotonic()
  }

  #repeat(what: 'idle' | 'login', everyMs: number, sweep: () => void): void {
    const timer = this.#services.runtime.clock.setTimer(everyMs, () => {
      sweep()
      if (what === 'login' && this.#strangers.size === 0) this.#sweeps.delete(what)
      else this.#repeat(what, everyMs, sweep)
    })
    this.#sweeps.set(what, timer)
  }

  #stopSweeps(): void {
    for (const timer of this.#sweeps.values()) timer.cancel()
  }

  #closeIdle(idleMs: number): void {
    const now = this.#now
    for (const [connection, activity] of this.#connections) {
      if (connection.isBusy || connection.isMuted || connection.requests !== activity.requests) {
        activity.requests = connection.requests
        activity.since = now
      } else if (now - activity.since >= idleMs) {
        connection.end({ level: 'info', reason: `no request for ${idleMs} ms` })
      }
    }
  }

  /** Whatever they do meanwhile: a byte now and then is no login. */
  #closeLate(): void {
    const now = this.#now
    for (const [connection, until] of this.#strangers) {
      if (now >= until) connection.end({ level: 'info', reason: 'it did not log in in time', refusal: 'login_timeout' })
    }
  }
}
