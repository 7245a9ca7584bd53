import type { Random } from '@rivven/runtime'
import type { TokenCheck } from '../tokens/token-check.js'
import type { PasswordCheck } from '../users/password-checks.js'
import type { ScramCredentials } from '../users/scram-credential.js'
import { OAuthBearerServer } from './oauth-bearer.js'
import { PlainServer } from './plain.js'
import type { SaslServer } from './sasl-server.js'
import { ScramServer } from './scram-server.js'

/** The names of RFC 4422, compared exactly; the strongest first. */
export const saslMechanisms = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN', 'OAUTHBEARER'] as const
export type SaslMechanism = (typeof saslMechanisms)[number]

export function isSaslMechanism(name: string): name is SaslMechanism {
  return (saslMechanisms as readonly string[]).includes(name)
}

export interface SaslDeps {
  readonly credentials: ScramCredentials
  readonly passwords: PasswordCheck
  readonly random: Random
  /** Of the listener, where it takes tokens. */
  readonly tokens: TokenCheck | undefined
}

/** For a listener that was asked for a mechanism which it does not name: it cannot come to that. */
const noTokens: TokenCheck = { check: async () => ({ kind: 'wrong', why: 'no tokens are taken here' }) }

/** One for each login of a connection. */
export function createSaslServer(mechanism: SaslMechanism, deps: SaslDeps): SaslServer {
  const { credentials, passwords, random, tokens = noTokens } = deps
  switch (mechanism) {
    case 'OAUTHBEARER':
      return new OAuthBearerServer(tokens)
    case 'PLAIN':
      return new PlainServer(passwords)
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512':
      return new ScramServer(mechanism, { credentials, random })
  }
}
