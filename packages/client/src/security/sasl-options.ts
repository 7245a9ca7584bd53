import { type Check, checks } from '@rivven/config'
import { hidden, hiddenText, isPlainObject } from './hidden.js'

const { fitting, object, text } = checks

type EitherCase<Text extends string> = Text | Uppercase<Text>

/** Who this client is, for brokers that ask (SASL). */
export type SaslOptions = PasswordLogin | TokenLogin

/** A user and the password. SCRAM proves that it is known; `plain` sends it, so use that with `ssl` only. */
export interface PasswordLogin {
  mechanism: EitherCase<'plain' | 'scram-sha-256' | 'scram-sha-512'>
  username: string
  password: string
}

/** A token that somebody else hands out (OAuth 2.0, RFC 7628). Use it with `ssl` only. */
export interface TokenLogin {
  mechanism: EitherCase<'oauthbearer'>
  /** Called for the first connection, and again when 80 % of the token's life are over. */
  token: () => Promise<BearerToken>
}

export interface BearerToken {
  value: string
  /** For so many milliseconds from now it is good. Default: what the token says itself (`exp`), where it is a JWT. */
  lifetimeMs?: number
}

export const mechanismNames = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const
export type MechanismName = (typeof mechanismNames)[number]

/** The mechanism that is meant, in lower case; undefined: there is no such. */
export function mechanismOf(name: unknown): MechanismName | undefined {
  return typeof name === 'string' ? mechanismNames.find((known) => known === name.toLowerCase()) : undefined
}

export function isTokenLogin<Login extends { mechanism: string }>(
  sasl: Login,
): sasl is Extract<Login, { mechanism: EitherCase<'oauthbearer'> }> {
  return mechanismOf(sasl.mechanism) === 'oauthbearer'
}

const mechanism = fitting(
  mechanismNames.map((name) => `'${name}'`).join(', '),
  (value) => mechanismOf(value) !== undefined,
  'Kerberos (GSSAPI) and others are not offered.',
)

const passwordLogin = object<PasswordLogin>(
  { mechanism, username: text, password: hiddenText },
  {
    otherNames: {
      user: 'Write username.',
      authorizationIdentity: 'Leave it out: who logs in is who acts.',
      token: "Write mechanism: 'oauthbearer' for a token.",
    },
  },
)

const tokenLogin = object<TokenLogin>(
  { mechanism, token: hidden('a function that returns { value, lifetimeMs }', (value) => typeof value === 'function') },
  {
    otherNames: {
      oauthBearerProvider: 'Write token: a function that returns { value, lifetimeMs }.',
      username: "Write mechanism: 'scram-sha-512' for a user with a password.",
      password: "Write mechanism: 'scram-sha-512' for a user with a password.",
    },
  },
)

const noNul = hidden('a text without NUL', (value) => !String(value).includes('\0'))

/** The option `sasl`. */
export const saslCheck: Check = (value, name) => {
  if (!isPlainObject(value)) {
    const hint = `As in ${name}: { mechanism: 'scram-sha-512', username, password }.`
    return hidden('an object', () => false, hint)(value, name)
  }
  const wrong = mechanism(value.mechanism, `${name}.mechanism`)
  if (wrong) return wrong
  if (mechanismOf(value.mechanism) === 'oauthbearer') return tokenLogin(value, name)
  return (
    passwordLogin(value, name) ?? noNul(value.username, `${name}.username`) ?? noNul(value.password, `${name}.password`)
  )
}
