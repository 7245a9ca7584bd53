import type { SaslOptions, SslOptions } from '@rivven/link'
import type { Disk } from '@rivven/runtime'
import type { PeerAccess } from './cluster/peers/peers.js'
import type { BrokerConfig } from './config/broker-config.js'
import { ConfigError } from './config/config-error.js'
import { hasSasl, hasTls, type ListenerConfig, mechanismsOf } from './config/listeners/listener.js'
import { keyPassword } from './net/tls/identity-files.js'
import { passwordFromFile } from './security/users/password-file.js'

type Keys = Pick<
  BrokerConfig,
  | 'inter_broker_listener_name'
  | 'inter_broker_username'
  | 'inter_broker_password_file'
  | 'sasl_mechanism_inter_broker_protocol'
>
type ReadDisk = Pick<Disk, 'readFile'>

/** How this broker reaches others of its cluster, and as whom: as they reach it. Throws ConfigError. */
export async function peerAccessOf(
  config: Keys,
  listeners: readonly ListenerConfig[],
  disk: ReadDisk,
): Promise<PeerAccess> {
  const listener = listenerOf(config.inter_broker_listener_name, listeners)
  const sasl = await saslOf(config, listener, disk)
  const wantsLogin = hasSasl(listener) && sasl === undefined
  const fault = `The listener ${listener.name}, by which brokers reach each other, wants a login: set inter_broker_username.`
  return { listener: listener.name, ssl: await sslOf(listener, disk), sasl, ...(wantsLogin && { fault }) }
}

function listenerOf(name: string, listeners: readonly ListenerConfig[]): ListenerConfig {
  const [first] = listeners
  const found = name === '' ? first : listeners.find((listener) => listener.name === name.toUpperCase())
  if (found) return found
  const names = listeners.map((listener) => listener.name).join(', ')
  throw new ConfigError(`inter_broker_listener_name is ${name}, which is no listener; there are ${names}.`)
}

async function saslOf(config: Keys, listener: ListenerConfig, disk: ReadDisk): Promise<SaslOptions | undefined> {
  const { inter_broker_username: username, inter_broker_password_file: passwordFile } = config
  const { sasl_mechanism_inter_broker_protocol: mechanism } = config
  if ((username === '') !== (passwordFile === '')) {
    throw new ConfigError('inter_broker_username and inter_broker_password_file go together: set both, or neither.')
  }
  if (username === '') return undefined
  if (!hasSasl(listener)) {
    throw new ConfigError(`inter_broker_username is set, and the listener ${listener.name} takes no logins.`)
  }
  if (!mechanismsOf(listener).includes(mechanism)) {
    const has = listener.values.sasl_enabled_mechanisms
    throw new ConfigError(
      `sasl_mechanism_inter_broker_protocol is ${mechanism}, and the listener ${listener.name} has ${has}.`,
    )
  }
  return { mechanism, username, password: (await passwordFromFile(passwordFile, disk)).reveal() }
}

/**
 * Who may sign certificates of clients of the listener may sign those of its brokers. A broker shows its own where it asks others
 * for theirs: that of PEM files.
 */
async function sslOf(listener: ListenerConfig, disk: ReadDisk): Promise<SslOptions | false> {
  if (!hasTls(listener)) return false
  const { values } = listener
  const { ssl_ca_location: ca, ssl_certificate_location: cert, ssl_key_location: key } = values
  const isAsked = values.ssl_client_auth !== 'none' && cert !== ''
  const passphrase = isAsked ? await keyPassword(values, disk) : undefined
  return {
    ...(ca !== '' && { ca: { file: ca } }),
    ...(isAsked && { cert: { file: cert }, key: { file: key } }),
    ...(passphrase !== undefined && { passphrase }),
  }
}
