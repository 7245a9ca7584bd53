import { formatAddress, isLoopback, isWildcard } from '../address.js'
import type { BrokerConfig } from '../broker-config.js'
import { ConfigError } from '../config-error.js'
import { httpAddressOf } from '../http-address.js'
import { tokenRulesOf } from '../token-rules.js'
import { hasSasl, hasTls, type ListenerConfig, mechanismsOf, takesTokens } from './listener.js'

/** Mechanisms that hand over the password itself, or something as good. */
const cleartextMechanisms = new Set(['PLAIN', 'OAUTHBEARER'])

/** Throws ConfigError, with what to do, for a listener that would be open to everybody or that nobody could use. */
export function refuseUnfit(listener: ListenerConfig, config: BrokerConfig): void {
  refuseUnsafe(listener, config)
  refuseUnreachable(listener, config)
  if (hasTls(listener)) refuseWithoutCertificate(listener)
  if (takesTokens(listener)) tokenRulesOf(listener.values, `The listener ${listener.name}`)
}

/** Throws ConfigError where a listener cannot encrypt. */
export function refuseWithoutCertificate({ name, values }: Pick<ListenerConfig, 'name' | 'values'>): void {
  const hasFiles = values.ssl_certificate_location !== '' && values.ssl_key_location !== ''
  const hasStore = values.ssl_keystore_location !== ''
  if (hasFiles === hasStore) {
    throw new ConfigError(
      `The listener ${name} needs a certificate and its key: set ssl_certificate_location and ssl_key_location (PEM), ` +
        `or ssl_keystore_location (PKCS#12)${hasFiles ? ', not both' : ''}.`,
    )
  }
  if (values.ssl_client_auth !== 'none' && values.ssl_ca_location === '') {
    throw new ConfigError(
      `The listener ${name} asks clients for certificates (ssl_client_auth: ${values.ssl_client_auth}): set ` +
        'ssl_ca_location to a PEM file with those who may have signed them.',
    )
  }
}

function refuseUnsafe(listener: ListenerConfig, config: BrokerConfig): void {
  if (isLoopback(listener.listen.host)) return
  const where = placeOf(listener, config)
  if (isAnonymous(listener) && !config.allow_anonymous) {
    throw new ConfigError(
      `${where}, which other machines can reach, and clients would need no password. ` +
        'Listen on 127.0.0.1, use SASL_SSL, ' +
        'or set allow_anonymous to true if everybody who can reach it may read and write everything.',
    )
  }
  const clear = mechanismsOf(listener).filter((mechanism) => cleartextMechanisms.has(mechanism))
  if (listener.protocol === 'SASL_PLAINTEXT' && clear.length > 0 && !config.allow_cleartext_credentials) {
    throw new ConfigError(
      `${where}, which other machines can reach, and would take passwords or tokens in the clear (${clear.join(', ')}). ` +
        'Use SASL_SSL, or SCRAM alone, or set allow_cleartext_credentials to true.',
    )
  }
}

/** Throws ConfigError: anybody can make a token that nobody signs, so nobody else may be able to send one. */
export function refuseUnsignedTokens(listeners: readonly ListenerConfig[], config: BrokerConfig): void {
  const taking = listeners.find((one) => takesTokens(one) && one.values.sasl_oauthbearer_unsecured)
  if (!taking) return
  const http = httpAddressOf(config)
  const reachable = [...listeners.map(({ listen }) => listen), ...(http ? [http] : [])]
  const open = reachable.find(({ host }) => !isLoopback(host))
  if (!open) return
  throw new ConfigError(
    `The listener ${taking.name} takes tokens that nobody signed (sasl_oauthbearer_unsecured), and other machines can reach ` +
      `this broker at ${formatAddress(open)}. That is for tests on one machine: listen on 127.0.0.1 alone, or set ` +
      'sasl_oauthbearer_jwks_endpoint_url instead.',
  )
}

function placeOf({ name, listen }: ListenerConfig, config: BrokerConfig): string {
  const address = formatAddress(listen)
  return config.listeners === '' ? `listen is ${address}` : `The listener ${name} is on ${address}`
}

/** Does it let clients in without knowing who they are? */
export function isAnonymous(listener: ListenerConfig): boolean {
  return !hasSasl(listener) && !(hasTls(listener) && listener.values.ssl_client_auth === 'required')
}

/** Does it know who some of its clients are? */
export function authenticates(listener: ListenerConfig): boolean {
  return hasSasl(listener) || (hasTls(listener) && listener.values.ssl_client_auth !== 'none')
}

/** SCRAM gives no password away, but what is said behind a login is for all between to read and change. */
export function isOverheard(listener: ListenerConfig): boolean {
  return hasSasl(listener) && !hasTls(listener) && !isLoopback(listener.listen.host)
}

function refuseUnreachable(listener: ListenerConfig, config: BrokerConfig): void {
  const { listen, advertised, name } = listener
  if (advertised && (isWildcard(advertised.host) || advertised.port === 0)) {
    throw new ConfigError(
      `advertised_listeners is '${config.advertised_listeners}', which clients cannot connect to: it needs the name or ` +
        'address of this machine as they know it, and a port, for example my-host:9092.',
    )
  }
  if (isWildcard(listen.host) && !advertised) {
    const example = config.listeners === '' ? 'my-host' : `${name}://my-host`
    throw new ConfigError(
      `${placeOf(listener, config)}, which clients cannot connect to. ` +
        `Set advertised_listeners to an address that they can reach, for example ${example}:${listen.port || 9092}.`,
    )
  }
}
