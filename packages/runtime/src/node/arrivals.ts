import { createServer as createRawServer, type Server } from 'node:net'
import type { Server as SecureServer, TLSSocket } from 'node:tls'
import { RawArrival } from './raw-arrival.js'

/** Bun and Deno begin a handshake when they accept. */
export const canHold = !('Bun' in globalThis || 'Deno' in globalThis)

/** Connections by their raw sockets: those come in, and are handed to TLS when their time has come. */
export class Arrivals {
  readonly #byRaw = new WeakMap<object, RawArrival>()

  server(secured: SecureServer, arrived: (arrival: RawArrival) => void): Server {
    return createRawServer({ pauseOnConnect: true, noDelay: true }, (raw) => {
      const arrival = new RawArrival(raw, secured)
      this.#byRaw.set(raw, arrival)
      arrived(arrival)
    })
  }

  /** Node keeps the socket below. */
  of(socket: TLSSocket): RawArrival | undefined {
    const { _parent: raw } = socket as unknown as { _parent?: object | null }
    return raw ? this.#byRaw.get(raw) : undefined
  }
}
