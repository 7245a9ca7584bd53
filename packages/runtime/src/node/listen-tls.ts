import { constants } from 'node:crypto'
import { createServer as createRawServer, type Server, type Socket } from 'node:net'
import { createServer, type Server as SecureServer, type TLSSocket, type TlsOptions } from 'node:tls'
import type { Accept, Address, Listener, TlsIdentities, TlsListen } from '../runtime.js'
import { opened } from './listening.js'
import { RawArrival } from './raw-arrival.js'
import { remoteOf, SocketStream } from './socket-stream.js'
import { contextOptions, NamedContexts, usable } from './tls-contexts.js'

/**
 * Accepts a connection when its handshake is done. Nothing that a client sends may throw in a callback of TLS: that would
 * end the process.
 */
export async function listenTls(address: Address, accept: Accept, options: TlsListen): Promise<Listener> {
  const arrivals = new Arrivals()
  let named = new NamedContexts(options.identities, options)
  const server = usable(() =>
    createServer({
      ...serverOptions(options),
      SNICallback: (servername, done) => done(null, named.find(servername)),
    }),
  )
  server.on('secureConnection', (socket) => {
    const shown = shownBy(socket, options)
    if (typeof shown === 'string') refuse(socket, shown, options)
    else accept(new SocketStream(socket, { certificate: shown?.raw }), arrivals.of(socket))
  })
  server.on('tlsClientError', (error, socket) => {
    const arrival = arrivals.of(socket)
    if (!arrival?.isRefused) refuse(socket, failureOf(socket, error), options, arrival?.remote)
  })
  const { arrived } = options
  const listener = await opened(arrived && canHold ? arrivals.server(server, arrived) : server, address)
  const renew = (identities: TlsIdentities): void => {
    const renewed = new NamedContexts(identities, options)
    usable(() => server.setSecureContext({ ...contextOptions(identities.own, options), secureOptions }))
    named = renewed
  }
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

const secureOptions = constants.SSL_OP_NO_RENEGOTIATION

function serverOptions(options: TlsListen): TlsOptions {
  return {
    ...contextOptions(options.identities.own, options),
    secureOptions,
    handshakeTimeout: options.handshakeTimeoutMs,
    requestCert: options.clientAuth !== 'none',
    // Then OpenSSL tells a client without a certificate that it needs one (an alert); else who may come in is decided here.
    rejectUnauthorized: options.clientAuth === 'required',
    pauseOnConnect: true,
    noDelay: true,
  }
}

/** The certificate of a client that may come in; undefined: it may do so without. Else why it may not. */
function shownBy(socket: TLSSocket, { clientAuth }: TlsListen): { raw: Buffer } | undefined | string {
  if (clientAuth === 'none') return undefined
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) return clientAuth === 'required' ? nothingShown : undefined
  return socket.authorized ? certificate : unverified(socket)
}

const nothingShown = 'it shows no certificate'

/** Why a handshake has failed: Node ends one with a certificate that cannot be verified without a word of that. */
function failureOf(socket: TLSSocket, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE') return nothingShown
  return socket.authorizationError ? unverified(socket) : message
}

function unverified({ authorizationError }: TLSSocket): string {
  return `its certificate cannot be verified: ${authorizationError}`
}

function refuse(socket: Socket, reason: string, options: TlsListen, remote = remoteOf(socket)): void {
  options.onRefused(remote, reason)
  socket.destroy()
}
