import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Server as DoorServer } from 'node:net'
import type { Address, Listener, TlsIdentities, TlsListen } from '../runtime.js'
import { HttpPlaces } from './http-places.js'
import { inTurns } from './http-turns.js'
import { opened } from './listening.js'

/** Answers one HTTP request. Those of one connection come one after the other. */
export type HttpListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/**
 * Serves HTTP on an address, HTTPS where `tls` is given; port 0 takes a free one. Rejects where the address cannot be had,
 * and with a TlsError where certificate and key cannot be used.
 */
export type ListenHttp = (address: Address, listener: HttpListener, options?: HttpOptions) => Promise<HttpServer>

export interface HttpOptions {
  readonly tls?: TlsListen | undefined
  /** Default: those of `usualHttpLimits`. */
  readonly limits?: Partial<HttpLimits>
}

/** What strangers may take: HTTP is for scrapers, probes and a few browsers. */
export interface HttpLimits {
  /** One connection more takes the place of one that asks for nothing; where all do, it is closed at once. */
  readonly maxConnections: number
  /** Of a request's first line and headers, in bytes: more is answered 431. */
  readonly maxHeaderSize: number
  /** Until so many ms after its start a request must have come whole, else 408; a connection that says nothing, likewise. */
  readonly requestTimeoutMs: number
  /** A connection on which so many ms nothing is sent, nor taken by the peer, is closed. */
  readonly idleTimeoutMs: number
  /** How often late requests are looked for. */
  readonly sweepMs: number
}

export const usualHttpLimits: HttpLimits = {
  maxConnections: 100,
  maxHeaderSize: 16_384,
  requestTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  sweepMs: 1_000,
}

/** Once closed, connections of HTTP are gone, too: what they ask for can be asked again. */
export type HttpServer = Listener

/** HTTP of this machine. */
export const nodeListenHttp: ListenHttp = async (address, listener, options) => {
  return (await listenHttp(address, listener, options)).listener
}

/** The same for a server that is a guest in a process: neither what listens nor what it accepts keeps that alive. */
export const guestListenHttp: ListenHttp = async (address, listener, options) => {
  const { door, listener: listening } = await listenHttp(address, listener, options)
  door.unref()
  door.on('connection', (socket) => socket.unref())
  return listening
}

interface Serving {
  readonly server: Server | SecureServer
  /** What connections come to, where that is not the server. */
  readonly door?: DoorServer
  renew?(identities: TlsIdentities): void
}

async function listenHttp(
  address: Address,
  listener: HttpListener,
  { tls, limits }: HttpOptions = {},
): Promise<Required<Pick<Serving, 'server' | 'door'>> & { listener: HttpServer }> {
  const all = { ...usualHttpLimits, ...limits }
  const places = new HttpPlaces(all.maxConnections)
  const { server, door = server, renew } = await serving(inTurns(places.watch(listener)), all, tls)
  door.prependListener('connection', (socket) => places.come(socket))
  server.timeout = all.idleTimeoutMs
  const open = await opened(door, address)
  // It looks for late requests from then on.
  if (door !== server) server.emit('listening')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      door.close(() => resolve())
      if (door !== server) server.close()
      places.close()
    })
  return { server, door, listener: { address: open.address, close, ...(renew && { renew }) } }
}

/** Node's server is loaded with the first call only: most that use the runtime serve no HTTP. */
async function serving(listener: HttpListener, limits: HttpLimits, tls?: TlsListen): Promise<Serving> {
  const options: ServerOptions = {
    maxHeaderSize: limits.maxHeaderSize,
    headersTimeout: limits.requestTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: limits.sweepMs,
  }
  if (!tls) return { server: (await import('node:http')).createServer(options, listener) }
  const [{ createServer }, { admitted, tlsServer }, { Arrivals, canHold }] = await Promise.all([
    import('node:https'),
    import('./tls-server.js'),
    import('./arrivals.js'),
  ])
  const { server, renew } = tlsServer(tls, (own) => createServer({ ...own, ...options }, listener))
  // In front of the one that reads HTTP.
  server.prependListener('secureConnection', (socket) => void admitted(socket, tls))
  const { arrived } = tls
  return { server, renew, ...(arrived && canHold && { door: new Arrivals().server(server, arrived) }) }
}
