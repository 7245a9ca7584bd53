import { ConfigError } from '@rivven/config'
import type { Clock } from '@rivven/runtime'
import type { errors, JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose'
import type { KeyLookup, SigningKeys } from './signing-keys.js'
import type { TokenCheck, TokenVerdict } from './token-check.js'
import type { TokenRules } from './token-rules.js'
import { whyNot } from './why-not.js'

type Jose = typeof import('jose')

/** Public keys only: who may check a token must not be able to make one. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
const mostCharacters = 16_384
/** Beyond it no date can be. */
const lastSecond = 8_640_000_000_000
/** Keys without an id that are tried in turn. */
const mostTries = 8

export interface JwtCheckParts {
  readonly rules: TokenRules
  /** Null: tokens are not signed. */
  readonly keys: SigningKeys | null
  readonly clock: Clock
}

/** Tokens that are JWTs (RFC 7519), checked by the library `jose`, which is loaded with the first one. */
export class JwtCheck implements TokenCheck {
  readonly #parts: JwtCheckParts

  constructor(parts: JwtCheckParts) {
    this.#parts = parts
  }

  /** When the broker starts: a file must have keys, an address may answer later. Throws ConfigError. */
  async begin(): Promise<void> {
    const { rules, keys } = this.#parts
    if (!rules.keysAt || !keys) return
    if ('url' in rules.keysAt) return keys.prepare()
    await keys.begin().catch(({ message }: Error) => {
      throw new ConfigError(`The keys of sasl_oauthbearer_jwks_endpoint_url cannot be used: ${message}.`)
    })
  }

  async check(token: string): Promise<TokenVerdict> {
    if (token.length > mostCharacters) return wrong(`the token has more than ${mostCharacters} characters`)
    try {
      return this.#verdictOn(await this.#claimsOf(token))
    } catch (error) {
      return wrong(whyNot(error))
    }
  }

  async #claimsOf(token: string): Promise<JWTPayload> {
    const { rules, keys, clock } = this.#parts
    const jose = await import('jose')
    const options: JWTVerifyOptions = {
      algorithms,
      clockTolerance: rules.clockSkewSeconds,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', rules.subjectClaim],
      ...(rules.audience && { audience: [...rules.audience] }),
      ...(rules.issuer !== undefined && { issuer: rules.issuer }),
    }
    if (!keys) return jose.UnsecuredJWT.decode(token, options).payload
    const known = await keys.current()
    try {
      return await verified(jose, token, { lookup: known, options })
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_JWKS_NO_MATCHING_KEY') throw error
    }
    return verified(jose, token, { lookup: await keys.newerThan(known), options })
  }

  #verdictOn(claims: JWTPayload): TokenVerdict {
    const { rules, clock } = this.#parts
    const { exp, iat } = claims
    const user = claims[rules.subjectClaim]
    if (typeof user !== 'string' || user === '') return wrong(`its claim ${rules.subjectClaim} is no name`)
    if (exp === undefined || !(exp <= lastSecond)) return wrong('its end (exp) is no date')
    const now = clock.now()
    const skewMs = 1_000 * rules.clockSkewSeconds
    if (iat !== undefined && 1_000 * iat > now + skewMs) return wrong('the token is of a time to come (iat)')
    // What is over here, and not yet by a clock that is late, counts as long as it would be taken.
    const endsAt = 1_000 * exp
    return { kind: 'right', user, expiresAt: Math.floor(endsAt > now ? endsAt : endsAt + skewMs) }
  }
}

interface Verification {
  readonly lookup: KeyLookup
  readonly options: JWTVerifyOptions
}

async function verified(jose: Jose, token: string, { lookup, options }: Verification): Promise<JWTPayload> {
  try {
    return (await jose.jwtVerify(token, lookup as JWTVerifyGetKey, options)).payload
  } catch (error) {
    if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error
    return verifiedByOneOf(jose, token, { candidates: error, options })
  }
}

/** A token that names no key, where several may have signed it. */
async function verifiedByOneOf(
  jose: Jose,
  token: string,
  { candidates, options }: { candidates: errors.JWKSMultipleMatchingKeys; options: JWTVerifyOptions },
): Promise<JWTPayload> {
  let tries = 0
  for await (const key of candidates) {
    if (++tries > mostTries) break
    try {
      return (await jose.jwtVerify(token, key, options)).payload
    } catch (error) {
      if (!(error instanceof jose.errors.JWSSignatureVerificationFailed)) throw error
    }
  }
  throw new jose.errors.JWSSignatureVerificationFailed()
}

function wrong(why: string): TokenVerdict {
  return { kind: 'wrong', why }
}
