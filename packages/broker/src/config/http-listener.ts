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

/** Who may change something over HTTP. */
export type HttpActions = 'off' | 'loopback' | 'authenticated'

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
  readonly actions: HttpActions
  /** Names in lower case that requests may call it by, beside those of this machine. */
  readonly allowedHosts: readonly string[] | 'any'
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
  const schemes = schemesOf(config, values, authorizes)
  const listener: HttpListenerConfig = {
    name: HTTP_NAME,
    address,
    isEncrypted: config.http_security_protocol === 'HTTPS',
    values,
    schemes,
    anonymous: config.http_anonymous,
    letsAnonymousIn: isLoopback(address.host) || config.allow_anonymous,
    actions: config.http_actions || (schemes.length > 0 ? 'authenticated' : 'off'),
    allowedHosts: allowedHostsOf(config, address),
  }
  if (listener.isEncrypted) refuseWithoutCertificate(listener)
  refuseOverheard(listener, config)
  refuseOpenActions(listener)
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

/** Who may change something must be known, or sit at this machine. */
function refuseOpenActions({ actions, schemes, address }: HttpListenerConfig): void {
  if (actions === 'loopback' && !isLoopback(address.host))
    throw new ConfigError(
      `http_actions is loopback, and http is ${formatAddress(address)}, which other machines can reach: listen on 127.0.0.1, or ` +
        'set http_actions to authenticated.',
    )
  if (actions === 'authenticated' && schemes.length === 0)
    throw new ConfigError(
      'http_actions is authenticated, and nobody logs in over HTTP: set authorizer_class_name, or http_authentication.',
    )
}

const wildcards: readonly string[] = ['0.0.0.0', '::']

function allowedHostsOf({ http_allowed_hosts: given }: BrokerConfig, { host }: Address): readonly string[] | 'any' {
  if (given !== '') return given.split(',').map((name) => name.trim().toLowerCase())
  return wildcards.includes(host) ? 'any' : [host.toLowerCase()]
}
