import type { Address } from '@rivven/runtime'
import type { ListenerValues } from '../security-keys.js'

export const securityProtocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const
export type SecurityProtocol = (typeof securityProtocols)[number]

/** One address that clients connect to, and how they do (security.md §1). */
export interface ListenerConfig {
  /** In upper case. */
  readonly name: string
  readonly protocol: SecurityProtocol
  readonly listen: Address
  /** What clients are told to use; undefined: the address that is listened on. */
  readonly advertised: Address | undefined
  /** Settings of the broker, and over them those of this listener. */
  readonly values: ListenerValues
}

export function hasSasl({ protocol }: Pick<ListenerConfig, 'protocol'>): boolean {
  return protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL'
}

export function hasTls({ protocol }: Pick<ListenerConfig, 'protocol'>): boolean {
  return protocol === 'SSL' || protocol === 'SASL_SSL'
}

export function mechanismsOf({ values }: Pick<ListenerConfig, 'values'>): string[] {
  return values.sasl_enabled_mechanisms.split(',').map((mechanism) => mechanism.trim())
}

export function takesTokens(listener: Pick<ListenerConfig, 'protocol' | 'values'>): boolean {
  return hasSasl(listener) && mechanismsOf(listener).includes('OAUTHBEARER')
}
