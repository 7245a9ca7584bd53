import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Server, TLSSocket, TlsOptions } from 'node:tls'
import type { TlsIdentities, TlsListen } from '../runtime.js'
import { remoteOf } from './socket-stream.js'
import { contextOptions, NamedContexts, usable } from './tls-contexts.js'

export interface TlsServer<S extends Server> {
  readonly server: S
  /** Shows new connections other certificates; throws a TlsError, and changes nothing, where these cannot be used. */
  renew(identities: TlsIdentities): void
}

/**
 * A server of Node's that encrypts as a listener asks for, whatever it speaks on top. Nothing that a client sends may throw
 * in a callback of TLS: that would end the process.
 */
export function tlsServer<S extends Server>(
  options: TlsListen,
  make: (own: TlsOptions) => S,
  onFailed: (socket: TLSSocket, reason: string) => void = (socket, reason) => refuse(socket, reason, options),
): TlsServer<S> {
  let named = new NamedContexts(options.identities, options)
  const own: TlsOptions = {
    ...contextOptions(options.identities.own, options),
    secureOptions,
    handshakeTimeout: options.handshakeTimeoutMs,
    requestCert: options.clientAuth !== 'none',
    // Then OpenSSL tells a client without a certificate that it needs one (an alert); else who may come in is decided here.
    rejectUnauthorized: options.clientAuth === 'required',
    SNICallback: (servername, done) => done(null, named.find(servername)),
  }
  const server = usable(() => make(own))
  server.on('tlsClientError', (error, socket) => onFailed(socket, failureOf(socket, error)))
  const renew = (identities: TlsIdentities): void => {
    const renewed = new NamedContexts(identities, options)
    usable(() => server.setSecureContext({ ...contextOptions(identities.own, options), secureOptions }))
    named = renewed
  }
  return { server, renew }
}

const secureOptions = constants.SSL_OP_NO_RENEGOTIATION

/** Whether somebody may come in whose handshake is done, and with which certificate; who may not is gone. */
export function admitted(
  socket: TLSSocket,
  options: TlsListen,
): { readonly certificate: Buffer | undefined } | undefined {
  const shown = shownBy(socket, options)
  if (typeof shown === 'string') {
    refuse(socket, shown, options)
    return undefined
  }
  options.onAdmitted?.()
  return { certificate: shown?.raw }
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

export function refuse(socket: Socket, reason: string, options: TlsListen, remote = remoteOf(socket)): void {
  options.onRefused(remote, reason)
  socket.destroy()
}
