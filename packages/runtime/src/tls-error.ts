/** A peer was reached and no encrypted connection came of it; or what was given to encrypt with is of no use. */
export class TlsError extends Error {
  /** OpenSSL's or Node's (`CERT_HAS_EXPIRED`); ECONNRESET where the peer just ended the connection. */
  readonly code: string | undefined

  constructor(cause: Error & { code?: string }) {
    super(cause.message, { cause })
    this.name = 'TlsError'
    this.code = cause.code
  }
}
