import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Address, Listener } from '../runtime.js'

/** Answers one HTTP request. */
export type HttpListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** Serves HTTP on an address; port 0 takes a free one. Rejects where the address cannot be had. */
export type ListenHttp = (address: Address, listener: HttpListener) => Promise<HttpServer>

/** Once closed, connections of HTTP are gone, too: what they ask for can be asked again. */
export type HttpServer = Listener

/** Scrapers, probes and a few browsers; a flood of connections must not cost Kafka's clients their sockets. */
const mostConnections = 512

/** HTTP of this machine. */
export const nodeListenHttp: ListenHttp = (address, listener) => listenHttp(address, listener)

/** The same for a server that is a guest in a process: neither what listens nor what it accepts keeps that alive. */
export const guestListenHttp: ListenHttp = (address, listener) => {
  return listenHttp(address, listener, (server) => {
    server.unref()
    server.on('connection', (socket) => socket.unref())
  })
}

/** Node's server is loaded with the first call only: most that use the runtime serve no HTTP. */
async function listenHttp(
  { host, port }: Address,
  listener: HttpListener,
  adjust?: (server: Server) => void,
): Promise<HttpServer> {
  const { createServer } = await import('node:http')
  const server = createServer(listener)
  server.maxConnections = mostConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      // What can fail later is one accept: that connection is lost, the server goes on.
      server.on('error', () => undefined)
      adjust?.(server)
      resolve()
    })
  })
  const info = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { address: { host: info.address, port: info.port }, close }
}
