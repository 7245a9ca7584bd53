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
