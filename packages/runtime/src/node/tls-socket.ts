import type { ConnectionOptions, TLSSocket } from 'node:tls'
import type { Address, Pem, TlsConnect } from '../runtime.js'
import type { SinkReads } from './sink-reads.js'

/**
 * A socket that encrypts, on its way to be connected. `onread` works without a `socket` option only: then Node decrypts into
 * the memory that it is given. Node's TLS is loaded with the first of them: most that use the runtime encrypt nothing.
 */
export async function connectTls(address: Address, tls: TlsConnect, reads: SinkReads): Promise<TLSSocket> {
  const { connect } = await import('node:tls')
  return connect({
    ...optionsOf(tls),
    host: address.host,
    port: address.port,
    onread: reads,
    noDelay: true,
  } as ConnectionOptions)
}

function optionsOf({ ca, cert, key, passphrase, servername, checksName = true }: TlsConnect): ConnectionOptions {
  return {
    minVersion: 'TLSv1.2',
    // Said, because NODE_TLS_REJECT_UNAUTHORIZED would count otherwise.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca: typeof ca === 'string' || ca instanceof Uint8Array ? buffer(ca) : ca.map(buffer) }),
    ...(cert !== undefined && { cert: buffer(cert) }),
    ...(key !== undefined && { key: buffer(key) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
    ...(!checksName && { checkServerIdentity: () => undefined }),
  }
}

/** What came from another thread is no Buffer any more. */
function buffer(pem: Pem): string | Buffer {
  return typeof pem === 'string' ? pem : Buffer.from(pem)
}
