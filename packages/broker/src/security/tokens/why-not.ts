import { NoKeysError } from './signing-keys.js'

const reasons = new Map<unknown, string>([
  ['ERR_JWT_EXPIRED', 'the token is over'],
  ['ERR_JOSE_ALG_NOT_ALLOWED', 'the token is not signed in a way that is taken'],
  ['ERR_JOSE_NOT_SUPPORTED', 'the token is not signed in a way that is taken'],
  ['ERR_JWKS_NO_MATCHING_KEY', 'the token is signed with a key that is not known'],
  ['ERR_JWKS_INVALID', 'the keys that tokens are signed with cannot be used'],
  ['ERR_JWS_SIGNATURE_VERIFICATION_FAILED', 'the signature of the token is wrong'],
])

const claims = new Map<unknown, string>([
  ['aud', 'the token is for somebody else (aud)'],
  ['iss', 'the token was handed out by somebody else (iss)'],
  ['nbf', 'the token does not count yet (nbf)'],
])

/** Why a token is not taken, from what the library throws; its own texts may show what stands in the token. */
export function whyNot(error: unknown): string {
  if (error instanceof NoKeysError) return error.message
  const { code, claim } = error as { code?: unknown; claim?: unknown }
  // The names of claims are ours.
  if (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED')
    return claims.get(claim) ?? `its claim ${String(claim)} is missing or makes no sense`
  return reasons.get(code) ?? 'the token is no JWT'
}
