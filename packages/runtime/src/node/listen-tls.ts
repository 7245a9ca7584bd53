import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import type { Address, ByteStream, Listener, TlsIdentities, TlsListen } from '../runtime.js'
import { opened } from './listening.js'
import { remoteOf, SocketStream } from './socket-stream.js'
import { contextOptions, NamedContexts, usable } from './tls-contexts.js'

/**
 * Accepts a connection when its handshake is done. Nothing that a client sends may throw in a callback of TLS: that would
 * end the process.
 */
export async function listenTls(
  address: Address,
  accept: (stream: ByteStream) => void,
  options: TlsListen,
): Promise<Listener> {
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
    else accept(new SocketStream(socket, { certificate: shown?.raw }))
  })
  server.on('tlsClientError', (error, socket) => refuse(socket, failureOf(socket, error), options))
  const listener = await opened(server, address)
  const renew = (identities: TlsIdentities): void => {
    const renewed = new NamedContexts(identities, options)
    usable(() => server.setSecureContext({ ...contextOptions(identities.own, options), secureOptions }))
    named = renewed
  }
  return { ...listener, renew }
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

function refuse(socket: Socket, reason: string, options: TlsListen): void {
  options.onRefused(remoteOf(socket), reason)
  socket.destroy()
}
