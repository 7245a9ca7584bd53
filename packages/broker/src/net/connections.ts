import type { BrokerServices } from '../handlers/handler.js'
import type { Connection } from './connection.js'
import { ConnectionWatch } from './connection-watch.js'
import type { Deadlines } from './deadlines.js'

/** Requests under way get this long to be answered when the broker stops. */
const STOP_WITHIN_MS = 2_000

/** All connections of a broker. */
export class Connections {
  readonly #services: BrokerServices
  readonly #deadlines: Deadlines
  readonly #watches = new Map<Connection, ConnectionWatch>()
  #onEmpty: (() => void) | undefined

  constructor(services: BrokerServices, deadlines: Deadlines) {
    this.#services = services
    this.#deadlines = deadlines
  }

  get count(): number {
    return this.#watches.size
  }

  /** `loginBy`: until when somebody must have come in, a monotonic time. */
  add(connection: Connection, loginBy: number): void {
    const { traffic, config, runtime } = this.#services
    traffic.connections += 1
    if (connection.closed) return
    const { connections_max_idle_ms: idleMs, frame_timeout_ms: frameMs } = config
    const patience = { idleMs: idleMs < 0 ? undefined : idleMs, frameMs, loginBy }
    const watch = new ConnectionWatch(connection, patience, runtime.clock.monotonic())
    this.#watches.set(connection, watch)
    traffic.opened(connection.listenerName)
    this.#deadlines.by(watch, watch.firstLookAt)
  }

  /** Something may be due then. */
  lookAt(connection: Connection, time: number): void {
    const watch = this.#watches.get(connection)
    if (watch) this.#deadlines.by(watch, time)
  }

  onClosed(connection: Connection): void {
    const watch = this.#watches.get(connection)
    if (watch) {
      this.#deadlines.forget(watch)
      this.#watches.delete(connection)
      this.#services.traffic.closed(connection.listenerName)
    }
    if (this.#watches.size === 0) this.#onEmpty?.()
  }

  /** Lets requests under way finish, closes all. */
  async close(): Promise<void> {
    if (this.#watches.size === 0) return
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    for (const connection of this.#watches.keys()) connection.end()
    const tooLong = this.#services.runtime.clock.setTimer(STOP_WITHIN_MS, () => this.#onEmpty?.())
    await empty
    tooLong.cancel()
  }

  /** Drops them all, answers nothing. */
  destroy(): void {
    for (const connection of this.#watches.keys()) connection.destroy()
  }
}
