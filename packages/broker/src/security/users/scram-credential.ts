import { createHash, createHmac } from 'node:crypto'
import type { ScramMechanism } from '@rivven/protocol'
import type { Hashing } from '@rivven/runtime'

/** What a server keeps of a password (RFC 5802): enough to check one, not enough to log in with. */
export interface ScramCredential {
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

/** Of a user that exists or not: which, nobody may be told before a login has failed at its end. */
export interface CredentialFound {
  readonly isKnown: boolean
  readonly credential: ScramCredential
}

export interface ScramCredentials {
  /**
   * Of a user that does not exist, or has none for the mechanism: one that looks like others, always the same, and that no
   * password fits.
   */
  credentialOf(user: string, mechanism: ScramMechanism): CredentialFound
}

/** The hash of each mechanism, and its bytes. */
export const scramHashes = {
  'SCRAM-SHA-256': { name: 'sha256', size: 32 },
  'SCRAM-SHA-512': { name: 'sha512', size: 64 },
} as const

export function hmac(mechanism: ScramMechanism, key: Uint8Array, data: Uint8Array | string): Buffer {
  return createHmac(scramHashes[mechanism].name, key).update(data).digest()
}

export function hash(mechanism: ScramMechanism, data: Uint8Array): Buffer {
  return createHash(scramHashes[mechanism].name).update(data).digest()
}

/** PBKDF2 of a password, which is raw UTF-8: no SASLprep, as in Kafka. */
export function saltedPassword(
  hashing: Hashing,
  mechanism: ScramMechanism,
  { password, salt, iterations }: { password: string } & Pick<ScramCredential, 'salt' | 'iterations'>,
): Promise<Buffer> {
  return hashing.pbkdf2(scramHashes[mechanism].name, Buffer.from(password), salt, iterations)
}

export function clientKeyOf(mechanism: ScramMechanism, saltedPassword: Uint8Array): Buffer {
  return hmac(mechanism, saltedPassword, 'Client Key')
}

export function keysOf(
  mechanism: ScramMechanism,
  saltedPassword: Uint8Array,
): Pick<ScramCredential, 'storedKey' | 'serverKey'> {
  return {
    storedKey: hash(mechanism, clientKeyOf(mechanism, saltedPassword)),
    serverKey: hmac(mechanism, saltedPassword, 'Server Key'),
  }
}
