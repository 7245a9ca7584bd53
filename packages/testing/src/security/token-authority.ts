import { generateKeyPairSync, sign } from 'node:crypto'
import { checks } from '@rivven/config'
import { refuseMisfit } from '../rivven-testing-error.js'

export interface TokenOptions {
  /** How long it is good, in milliseconds; a negative number makes one that is over. Default: an hour. */
  lifetimeMs?: number
  /** What else it says, or says instead: `{ aud: 'somebody else' }`. */
  claims?: Readonly<Record<string, unknown>>
}

/** What tokens of a process say of where they come from and whom they are for. */
export const tokenNames = { issuer: 'rivven-testing', audience: 'rivven' } as const

const { fitting, object, optional, text } = checks
const optionsCheck = object<TokenOptions>({
  lifetimeMs: optional(fitting('a number of milliseconds', Number.isFinite)),
  claims: optional(fitting('an object of claims', (value) => typeof value === 'object' && value !== null)),
})

/** Signs the tokens of a process (JWT, ES256). */
class TokenAuthority {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  /** The public key, as brokers read it (JWKS). */
  get keySet(): string {
    return JSON.stringify({ keys: [{ ...this.#keys.publicKey.export({ format: 'jwk' }), kid: tokenNames.issuer }] })
  }

  tokenFor(user: string, options: TokenOptions, now: number): string {
    refuseMisfit(text(user, 'the user of tokenFor') ?? optionsCheck(options, 'the second argument of tokenFor'))
    const { lifetimeMs = 3_600_000, claims } = options
    const header = { alg: 'ES256', kid: tokenNames.issuer }
    const times = { iat: Math.floor(now / 1_000), exp: (now + lifetimeMs) / 1_000 }
    const said = { sub: user, iss: tokenNames.issuer, aud: tokenNames.audience, ...times, ...claims }
    const signed = [header, said].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    const key = { key: this.#keys.privateKey, dsaEncoding: 'ieee-p1363' } as const
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
  }
}

let shared: TokenAuthority | undefined

/** One for the process, made when it is first needed. */
export function tokenAuthority(): TokenAuthority {
  shared ??= new TokenAuthority()
  return shared
}
