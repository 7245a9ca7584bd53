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
  server.on('tlsClientError', (error, socket) => refuse(socket, error.message, options))
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
    // Who may come in is decided where it can be told.
    rejectUnauthorized: false,
    pauseOnConnect: true,
    noDelay: true,
  }
}

/** The certificate of a client that may come in; undefined: it may do so without. Else why it may not. */
function shownBy(socket: TLSSocket, { clientAuth }: TlsListen): { raw: Buffer } | undefined | string {
  if (clientAuth === 'none') return undefined
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) return clientAuth === 'required' ? 'it shows no certificate' : undefined
  return socket.authorized ? certificate : `its certificate cannot be verified: ${socket.authorizationError}`
}

function refuse(socket: Socket, reason: string, options: TlsListen): void {
  options.onRefused(remoteOf(socket), reason)
  socket.destroy()
}
