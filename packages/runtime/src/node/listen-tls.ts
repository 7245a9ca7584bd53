import { createServer as createRawServer, type Server } from 'node:net'
import { createServer, type Server as SecureServer, type TLSSocket } from 'node:tls'
import type { Accept, Address, Listener, TlsListen } from '../runtime.js'
import { opened } from './listening.js'
import { RawArrival } from './raw-arrival.js'
import { SocketStream } from './socket-stream.js'
import { admitted, refuse, tlsServer } from './tls-server.js'

/** Accepts a connection when its handshake is done. */
export async function listenTls(address: Address, accept: Accept, options: TlsListen): Promise<Listener> {
  const arrivals = new Arrivals()
  const { server, renew } = tlsServer(
    options,
    (own) => createServer({ ...own, pauseOnConnect: true, noDelay: true }),
    (socket, reason) => {
      const arrival = arrivals.of(socket)
      if (!arrival?.isRefused) refuse(socket, reason, options, arrival?.remote)
    },
  )
  server.on('secureConnection', (socket) => {
    const client = admitted(socket, options)
    if (client) accept(new SocketStream(socket, { certificate: client.certificate }), arrivals.of(socket))
  })
  const { arrived } = options
  const listener = await opened(arrived && canHold ? arrivals.server(server, arrived) : server, address)
  return { ...listener, renew }
}

/** Bun and Deno begin a handshake when they accept. */
const canHold = !('Bun' in globalThis || 'Deno' in globalThis)

/** Connections by their raw sockets: those come in, and are handed to TLS when their time has come. */
class Arrivals {
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
