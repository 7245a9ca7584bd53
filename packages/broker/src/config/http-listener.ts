import type { Address } from '@rivven/runtime'
import type { TokenRules } from '../security/tokens/token-rules.js'
import { formatAddress, isLoopback } from './address.js'
import type { BrokerConfig } from './broker-config.js'
import { ConfigError } from './config-error.js'
import { httpAddressOf } from './http-address.js'
import { refuseWithoutCertificate } from './listeners/listener-rules.js'
import { HTTP_NAME, valuesOf } from './listeners/listeners.js'
import type { ListenerValues } from './security-keys.js'
import { tokenRulesOf } from './token-rules.js'

/** How one may say over HTTP who one is. */
export type HttpScheme = 'Basic' | 'Bearer'

/** Which pages are shown to whoever asks, whatever they need: each has those before it. */
export type HttpAnonymous = BrokerConfig['http_anonymous']

export interface HttpListenerConfig {
  /** As that of a listener in `listener.name.<name>`, in logs and metrics. */
  readonly name: string
  readonly address: Address
  readonly isEncrypted: boolean
  readonly values: ListenerValues
  /** Empty: nobody logs in. */
  readonly schemes: readonly HttpScheme[]
  readonly anonymous: HttpAnonymous
  /** Where nobody logs in: does whoever comes count as User:ANONYMOUS, or are other pages closed? */
  readonly letsAnonymousIn: boolean
}

/**
 * Where HTTP is served, and to whom (security.md §12); undefined: nowhere. With an authorizer one must log in, unless that was
 * said to be otherwise. Throws ConfigError where that would be unsafe or could not work.
 */
export function httpListenerOf(
  config: BrokerConfig,
  { authorizes }: { authorizes: boolean },
): HttpListenerConfig | undefined {
  const address = httpAddressOf(config)
  if (!address) return undefined
  const values = valuesOf(HTTP_NAME, config)
  const listener: HttpListenerConfig = {
    name: HTTP_NAME,
    address,
    isEncrypted: config.http_security_protocol === 'HTTPS',
    values,
    schemes: schemesOf(config, values, authorizes),
    anonymous: config.http_anonymous,
    letsAnonymousIn: isLoopback(address.host) || config.allow_anonymous,
  }
  if (listener.isEncrypted) refuseWithoutCertificate(listener)
  refuseOverheard(listener, config)
  httpTokenRulesOf(listener)
  return listener
}

/** What tokens it takes; undefined: none. Throws ConfigError. */
export function httpTokenRulesOf({ schemes, values, address }: HttpListenerConfig): TokenRules | undefined {
  if (!schemes.includes('Bearer')) return undefined
  const rules = tokenRulesOf(values, 'HTTP')
  if (rules.keysAt || isLoopback(address.host)) return rules
  throw new ConfigError(
    `http is ${formatAddress(address)}, which other machines can reach, and would take tokens that nobody signed ` +
      '(sasl_oauthbearer_unsecured), which is for tests on one machine: set sasl_oauthbearer_jwks_endpoint_url instead.',
  )
}

function schemesOf(
  { http_authentication: asked }: BrokerConfig,
  { sasl_oauthbearer_jwks_endpoint_url: keys, sasl_oauthbearer_unsecured: isUnsigned }: ListenerValues,
  authorizes: boolean,
): readonly HttpScheme[] {
  if (asked === '') return authorizes ? ['Basic', ...(keys !== '' || isUnsigned ? ['Bearer' as const] : [])] : []
  const words = asked.split(',')
  return (['Basic', 'Bearer'] as const).filter((scheme) => words.includes(scheme.toLowerCase()))
}

function refuseOverheard({ address, isEncrypted, schemes }: HttpListenerConfig, config: BrokerConfig): void {
  if (isEncrypted || schemes.length === 0 || isLoopback(address.host) || config.allow_cleartext_credentials) return
  throw new ConfigError(
    `http is ${formatAddress(address)}, which other machines can reach, and would take passwords or tokens in the clear. ` +
      'Set http_security_protocol to HTTPS, or listen on 127.0.0.1; or set http_authentication to none, and nobody can log in ' +
      'there, or allow_cleartext_credentials to true.',
  )
}
