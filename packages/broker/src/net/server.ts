import type { Address, ByteStream, Listener, Timer } from '@rivven/runtime'
import type { BrokerServices } from '../handlers/handler.js'
import { Connection, type ConnectionHost } from './connection.js'
import type { Router } from './router.js'

export interface ServerOptions {
  readonly listen: Address
  /** What clients are told to use; default: the address that is listened on. */
  readonly advertised?: Address | undefined
  readonly router: Router
  readonly services: BrokerServices
}

/** How often idle connections are looked for, as a part of connections.max.idle.ms. */
const SWEEPS_PER_IDLE_TIME = 8
/** Requests under way get this long to be answered when the broker stops. */
const STOP_WITHIN_MS = 2_000

interface Activity {
  requests: number
  since: number
}

/** Listens, keeps all connections, closes those that are idle. */
export class Server implements ConnectionHost {
  readonly router: Router
  readonly services: BrokerServices
  readonly #options: ServerOptions
  readonly #connections = new Map<Connection, Activity>()
  #listener: Listener | undefined
  #advertised: Address | undefined
  #sweep: Timer | undefined
  #onEmpty: (() => void) | undefined

  constructor(options: ServerOptions) {
    this.#options = options
    this.router = options.router
    this.services = options.services
  }

  get advertised(): Address {
    return this.#advertised ?? this.#options.listen
  }

  get address(): Address {
    return this.#listener?.address ?? this.#options.listen
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  async start(): Promise<void> {
    const { network } = this.services.runtime
    this.#listener = await network.listen(this.#options.listen, (stream) => this.#accept(stream))
    const { advertised, listen } = this.#options
    // Port 0 took a free one.
    this.#advertised = advertised ?? { host: listen.host, port: this.#listener.address.port }
    this.#scheduleSweep()
  }

  /** Stops accepting, lets requests under way finish, closes all connections. */
  async close(): Promise<void> {
    this.#sweep?.cancel()
    await this.#listener?.close()
    if (this.#connections.size === 0) return
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    for (const connection of this.#connections.keys()) connection.end()
    const { clock } = this.services.runtime
    const tooLong = clock.setTimer(STOP_WITHIN_MS, () => this.#onEmpty?.())
    await empty
    tooLong.cancel()
  }

  /** Drops listener and connections, answers nothing. */
  async destroy(): Promise<void> {
    this.#sweep?.cancel()
    await this.#listener?.close()
    for (const connection of this.#connections.keys()) connection.destroy()
  }

  onClosed(connection: Connection): void {
    this.#connections.delete(connection)
    this.services.traffic.openConnections = this.#connections.size
    if (this.#connections.size === 0) this.#onEmpty?.()
  }

  #accept(stream: ByteStream): void {
    const { traffic } = this.services
    const connection = new Connection(stream, this)
    traffic.connections += 1
    if (!connection.closed) this.#connections.set(connection, { requests: 0, since: this.#now })
    traffic.openConnections = this.#connections.size
  }

  get #now(): number {
    return this.services.runtime.clock.monotonic()
  }

  #scheduleSweep(): void {
    const idleMs = this.services.config.connections_max_idle_ms
    if (idleMs < 0) return
    const everyMs = Math.max(1, Math.min(idleMs / SWEEPS_PER_IDLE_TIME, 60_000))
    this.#sweep = this.services.runtime.clock.setTimer(everyMs, () => {
      this.#closeIdle(idleMs)
      this.#scheduleSweep()
    })
  }

  #closeIdle(idleMs: number): void {
    const now = this.#now
    for (const [connection, activity] of this.#connections) {
      if (connection.isBusy || connection.requests !== activity.requests) {
        activity.requests = connection.requests
        activity.since = now
      } else if (now - activity.since >= idleMs) {
        connection.end({ level: 'info', reason: `no request for ${idleMs} ms` })
      }
    }
  }
}
