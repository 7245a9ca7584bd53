import { createServer } from 'node:tls'
import type { Accept, Address, Listener, TlsListen } from '../runtime.js'
import { Arrivals, canHold } from './arrivals.js'
import { opened } from './listening.js'
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
