import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { bits, integer, oid, sequence, set, tagged, utcTime, utf8 } from './der.js'

/** Who holds a key: what its certificates are signed with, or are about. */
export interface Holder {
  readonly commonName: string
  readonly privateKey: KeyObject
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Buffer
  /** What its certificates call the key. */
  readonly keyId: Buffer
}

/** Somebody with a new key, ECDSA on P-256: made and used in a fraction of the time of RSA. */
export function newHolder(commonName: string): Holder {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return { commonName, privateKey, publicKey: spki, keyId: createHash('sha256').update(spki).digest().subarray(0, 20) }
}

export function keyPem({ privateKey }: Holder): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))
const version3 = tagged(0, integer(2))
/** Whatever clock a test sets: until the last year that is written this way. */
const always = sequence(utcTime('000101000000Z'), utcTime('491231235959Z'))

/** An X.509 certificate (RFC 5280) about the holder, signed by the issuer, as PEM. */
export function certificatePem(holder: Holder, issuer: Holder, extensions: readonly Buffer[]): string {
  const content = sequence(
    version3,
    // Never the same again, positive, and no zero in front.
    integer(0x40, ...randomBytes(15)),
    ecdsaWithSha256,
    nameOf(issuer),
    always,
    nameOf(holder),
    holder.publicKey,
    tagged(3, sequence(...extensions)),
  )
  const signature = sign('sha256', content, issuer.privateKey)
  const certificate = sequence(content, ecdsaWithSha256, bits(signature)).toString('base64')
  return `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}

function nameOf({ commonName }: Holder): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))))
}
