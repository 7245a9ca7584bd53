import type { ListenerConfig } from '../config/listeners/listener.js'
import type { BrokerServices } from '../handlers/handler.js'
import { BrokerListener } from './broker-listener.js'
import { Connections } from './connections.js'
import { Deadlines } from './deadlines.js'
import { Entrance } from './entrance/entrance.js'
import { HeldStreams } from './held-streams.js'
import type { Refusals } from './refusals.js'
import { RequestMemory } from './request-memory.js'
import type { Router } from './router.js'

export interface ServerOptions {
  readonly listeners: readonly ListenerConfig[]
  readonly router: Router
  readonly services: BrokerServices
}

/** All listeners of a broker, and the connections that come by them. */
export class Server {
  readonly listeners: readonly BrokerListener[]
  readonly #connections: Connections
  readonly #held: HeldStreams
  readonly #deadlines: Deadlines
  readonly #entrance: Entrance
  readonly #refusals: Refusals

  constructor({ listeners, router, services }: ServerOptions) {
    this.#refusals = services.refusals
    const { clock } = services.runtime
    this.#deadlines = new Deadlines(clock)
    const connections = new Connections(services, this.#deadlines)
    this.#connections = connections
    const { config, refusals } = services
    const entrance = new Entrance({ config, clock, deadlines: this.#deadlines, refusals })
    this.#entrance = entrance
    const memory = memories(services, this.#deadlines)
    const held = new HeldStreams(clock, this.#deadlines)
    this.#held = held
    this.listeners = listeners.map(
      (config) => new BrokerListener({ config, router, services, connections, held, entrance, memory }),
    )
  }

  /** Looks at the files of certificates now. */
  async renewCertificates(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.renew()))
  }

  get connectionCount(): number {
    return this.#connections.count
  }

  async start(): Promise<void> {
    for (const listener of this.listeners) await listener.start()
  }

  /** Stops accepting, lets requests under way finish, closes all connections. */
  async close(): Promise<void> {
    for (const listener of this.listeners) await listener.close()
    this.#held.destroy()
    this.#entrance.close()
    await this.#connections.close()
    this.#deadlines.close()
    this.#refusals.close()
  }

  /** Drops listeners and connections, answers nothing. */
  async destroy(): Promise<void> {
    for (const listener of this.listeners) await listener.close()
    this.#held.destroy()
    this.#entrance.close()
    this.#connections.destroy()
    this.#deadlines.close()
    this.#refusals.close()
  }
}

/** With 16 KiB for each of 500 that are not counted: 32 MiB for those who have not logged in. */
const STRANGERS_BYTES = 24 * 1024 * 1024
const STRANGERS_SMALL = 16 * 1024
const KNOWN_SMALL = 64 * 1024

function memories({ config, runtime, refusals }: BrokerServices, deadlines: Deadlines) {
  const shared = { clock: runtime.clock, deadlines, refusals }
  const { queued_max_request_bytes: most } = config
  return {
    known: new RequestMemory({
      ...shared,
      limit: most < 0 ? Number.POSITIVE_INFINITY : most,
      small: KNOWN_SMALL,
      fullText: 'large requests wait to be read: queued_max_request_bytes are in memory',
    }),
    strangers: new RequestMemory({
      ...shared,
      limit: STRANGERS_BYTES,
      small: STRANGERS_SMALL,
      fullText: 'requests of clients that have not logged in wait to be read: 32 MiB of them are in memory',
    }),
  }
}
