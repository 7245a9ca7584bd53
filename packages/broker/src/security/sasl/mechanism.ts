import type { Random } from '@rivven/runtime'
import type { PasswordCheck } from '../users/password-checks.js'
import type { ScramCredentials } from '../users/scram-credential.js'
import { PlainServer } from './plain.js'
import type { SaslServer } from './sasl-server.js'
import { ScramServer } from './scram-server.js'

/** The names of RFC 4422, compared exactly; the strongest first. */
export const saslMechanisms = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'] as const
export type SaslMechanism = (typeof saslMechanisms)[number]

export function isSaslMechanism(name: string): name is SaslMechanism {
  return (saslMechanisms as readonly string[]).includes(name)
}

export interface SaslDeps {
  readonly credentials: ScramCredentials
  readonly passwords: PasswordCheck
  readonly random: Random
}

/** One for each login of a connection. */
export function createSaslServer(mechanism: SaslMechanism, { credentials, passwords, random }: SaslDeps): SaslServer {
  switch (mechanism) {
    case 'PLAIN':
      return new PlainServer(passwords)
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512':
      return new ScramServer(mechanism, { credentials, random })
  }
}
