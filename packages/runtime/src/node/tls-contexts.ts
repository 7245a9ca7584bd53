import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import type { Pem, TlsIdentities, TlsIdentity, TlsListen } from '../runtime.js'
import { TlsError } from '../tls-error.js'

type Limits = Pick<TlsListen, 'minVersion' | 'maxVersion' | 'ciphers'>

/** The certificates that are chosen by the name that a client asks for. */
export class NamedContexts {
  readonly #contexts: ReadonlyMap<string, SecureContext>

  /** Throws a TlsError where something of it cannot be used. */
  constructor({ own, named }: TlsIdentities, limits: Limits) {
    // Whoever comes by another name is checked by the same authorities.
    const contextOf = (identity: TlsIdentity) =>
      usable(() => createSecureContext(contextOptions({ ca: own.ca, crl: own.crl, ...identity }, limits)))
    this.#contexts = new Map(Array.from(named, ([name, identity]) => [name.toLowerCase(), contextOf(identity)]))
  }

  /** Undefined: the listener's own. The name comes from a client and may be anything. */
  find(servername: string): SecureContext | undefined {
    const name = servername.toLowerCase()
    const dot = name.indexOf('.')
    return this.#contexts.get(name) ?? (dot < 0 ? undefined : this.#contexts.get(`*${name.slice(dot)}`))
  }
}

export function contextOptions(
  { cert, key, pkcs12, passphrase, ca, crl }: TlsIdentity,
  limits: Limits,
): SecureContextOptions {
  return {
    minVersion: limits.minVersion,
    maxVersion: limits.maxVersion,
    ...(limits.ciphers !== undefined && { ciphers: limits.ciphers }),
    ...(cert !== undefined && { cert: buffer(cert) }),
    ...(key !== undefined && { key: buffer(key) }),
    ...(pkcs12 !== undefined && { pfx: Buffer.from(pkcs12) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(ca !== undefined && { ca: buffer(ca) }),
    ...(crl !== undefined && { crl: buffer(crl) }),
  }
}

/** What OpenSSL throws at certificates and keys, as a TlsError. */
export function usable<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new TlsError(error as Error)
  }
}

function buffer(pem: Pem): string | Buffer {
  return typeof pem === 'string' ? pem : Buffer.from(pem)
}
