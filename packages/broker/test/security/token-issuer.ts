import { createHmac, generateKeyPairSync, type KeyObject, type SignKeyObjectInput, sign } from 'node:crypto'

export type Claims = Readonly<Record<string, unknown>>

interface Keys {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

let rsaKeys: Keys | undefined

/** Whoever hands out tokens: one key, made with `node:crypto` alone, so that nothing checks itself. */
export class TokenIssuer {
  readonly #keys: Keys

  constructor(
    readonly kid: string | undefined = 'k1',
    readonly alg = 'ES256',
  ) {
    this.#keys = keysFor(alg)
  }

  get jwk(): Record<string, unknown> {
    return { ...this.#keys.publicKey.export({ format: 'jwk' }), ...(this.kid && { kid: this.kid }) }
  }

  get privateJwk(): Record<string, unknown> {
    return this.#keys.privateKey.export({ format: 'jwk' }) as Record<string, unknown>
  }

  token(claims: Claims | string, header: Claims = {}): string {
    return this.signed(JSON.stringify({ alg: this.alg, kid: this.kid, ...header }), asText(claims))
  }

  signed(header: string, payload: string): string {
    const text = `${base64url(header)}.${base64url(payload)}`
    return `${text}.${sign(digestOf(this.alg), Buffer.from(text), signKey(this.alg, this.#keys.privateKey)).toString('base64url')}`
  }

  /** Signed with what everybody may know, as if that were a secret. */
  signedWithThePublicKey(claims: Claims): string {
    const text = `${base64url(JSON.stringify({ alg: 'HS256', kid: this.kid }))}.${base64url(asText(claims))}`
    const pem = this.#keys.publicKey.export({ format: 'pem', type: 'spki' })
    return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`
  }
}

/** By nobody. */
export function unsigned(claims: Claims | string, signature = ''): string {
  return `${base64url('{"alg":"none"}')}.${base64url(asText(claims))}.${signature}`
}

export function keySet(...issuers: readonly TokenIssuer[]): Buffer {
  return Buffer.from(JSON.stringify({ keys: issuers.map(({ jwk }) => jwk) }))
}

function keysFor(alg: string): Keys {
  const namedCurve = curves[alg]
  if (namedCurve) return generateKeyPairSync('ec', { namedCurve })
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519')
  // They take long to make.
  rsaKeys ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
  return rsaKeys
}

function digestOf(alg: string): string | null {
  return alg === 'EdDSA' ? null : `sha${alg.slice(2)}`
}

function signKey(alg: string, key: KeyObject): SignKeyObjectInput {
  // RSA_PKCS1_PSS_PADDING, with a salt as long as the digest.
  return { key, dsaEncoding: 'ieee-p1363', ...(alg.startsWith('PS') && { padding: 6, saltLength: -1 }) }
}

function asText(claims: Claims | string): string {
  return typeof claims === 'string' ? claims : JSON.stringify(claims)
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}
