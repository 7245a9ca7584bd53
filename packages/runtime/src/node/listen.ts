import { createServer, type Socket } from 'node:net'
import type { Accept, Address, Listener, TlsListen } from '../runtime.js'
import { opened } from './listening.js'
import { SocketStream } from './socket-stream.js'

/** Listens on an address of this machine, over TCP or TLS on top. */
export async function listen(address: Address, accept: Accept, tls?: TlsListen): Promise<Listener> {
  if (!tls) return listenPlain(address, accept)
  // Most brokers in tests encrypt nothing.
  const { listenTls } = await import('./listen-tls.js')
  return listenTls(address, accept, tls)
}

function listenPlain(address: Address, accept: Accept): Promise<Listener> {
  return opened(
    createServer({ pauseOnConnect: true, noDelay: true }, (socket: Socket) => accept(new SocketStream(socket))),
    address,
  )
}
