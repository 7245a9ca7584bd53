import type { Json } from './conversation.js'

/** An OAUTHBEARER token that nobody signed; times in seconds from now. */
export interface Bearer {
  claims?: { [name: string]: Json }
  issuedIn?: number
  expiresIn?: number
  authzid?: string
  extensions?: Record<string, string>
  header?: string
  signature?: string
  /** Instead of one made of claims. */
  token?: string
}

/** The first message of the mechanism (RFC 7628); its parts are parted by the byte 1. */
export function bearerMessage(bearer: Bearer): string {
  const { authzid, extensions = {}, token = tokenOf(bearer) } = bearer
  const parts = [`auth=Bearer ${token}`, ...Object.entries(extensions).map(([key, value]) => `${key}=${value}`)]
  return `n,${authzid === undefined ? '' : `a=${authzid}`},\x01${parts.join('\x01')}\x01\x01`
}

function tokenOf({ claims = {}, issuedIn, expiresIn, header = '{"alg":"none"}', signature = '' }: Bearer): string {
  const now = Math.floor(Date.now() / 1000)
  const timed = {
    ...claims,
    ...(issuedIn === undefined ? {} : { iat: now + issuedIn }),
    ...(expiresIn === undefined ? {} : { exp: now + expiresIn }),
  }
  const base64url = (text: string) => Buffer.from(text).toString('base64url')
  return `${base64url(header)}.${base64url(JSON.stringify(timed))}.${signature}`
}
