import type { Address } from '@rivven/runtime'
import { parseAddress } from '../address.js'
import type { BrokerConfig } from '../broker-config.js'
import { ConfigError } from '../config-error.js'
import { type ListenerKey, type ListenerValues, listenerKeys } from '../security-keys.js'
import { type ListenerConfig, type SecurityProtocol, securityProtocols } from './listener.js'
import { refuseUnfit, refuseUnsignedTokens } from './listener-rules.js'

/** By this name HTTP, too, may have settings of its own: listener.name.http.<key>. */
export const HTTP_NAME = 'HTTP'

/** Where to listen, how, and what to tell clients. Throws ConfigError where that would be unsafe or could not work. */
export function listenersOf(config: BrokerConfig): readonly ListenerConfig[] {
  if (config.listeners !== '' && config.given.has('listen')) {
    throw new ConfigError(
      'listen and listeners are both set: listen is short for listeners with one PLAINTEXT listener.',
    )
  }
  const named = namedAddresses(
    config.listeners || `PLAINTEXT://${config.listen}`,
    config.listeners ? 'listeners' : 'listen',
  )
  refuseSamePorts(named)
  const protocols = protocolsOf(config.listener_security_protocol_map)
  const advertised = advertisedAddresses(config.advertised_listeners, named)
  const ofListeners = [...config.listenerValues.keys()].filter((name) => name !== HTTP_NAME)
  refuseStrangers(ofListeners, named, 'listener.name.<name>')
  const listeners = [...named].map(([name, listen]) => ({
    name,
    protocol: protocolOf(name, protocols),
    listen,
    advertised: advertised.get(name),
    values: valuesOf(name, config),
  }))
  for (const listener of listeners) refuseUnfit(listener, config)
  refuseUnsignedTokens(listeners, config)
  return listeners
}

/** `NAME://host:port` with commas between, by name in upper case. */
function namedAddresses(text: string, key: string): Map<string, Address> {
  const addresses = new Map<string, Address>()
  for (const item of text.split(',').map((word) => word.trim())) {
    const [, name, address] = /^([A-Za-z][A-Za-z0-9_.-]*):\/\/(.*)$/.exec(item) ?? []
    if (name === undefined || address === undefined) {
      throw new ConfigError(`${key} has '${item}', which is no NAME://host:port, for example CLIENTS://127.0.0.1:9092.`)
    }
    if (addresses.has(name.toUpperCase())) {
      throw new ConfigError(`${key} uses the name ${name.toUpperCase()} twice: each listener needs its own.`)
    }
    addresses.set(name.toUpperCase(), parseAddress(address, key))
  }
  return addresses
}

function refuseSamePorts(named: ReadonlyMap<string, Address>): void {
  const names = new Map<number, string>()
  for (const [name, { port }] of named) {
    const other = port === 0 ? undefined : names.get(port)
    if (other) throw new ConfigError(`listeners gives port ${port} to ${other} and to ${name}: each needs its own.`)
    names.set(port, name)
  }
}

function protocolsOf(text: string): ReadonlyMap<string, SecurityProtocol> {
  const protocols = new Map<string, SecurityProtocol>(securityProtocols.map((protocol) => [protocol, protocol]))
  for (const item of text === '' ? [] : text.split(',')) {
    const [name = '', word = ''] = item.trim().toUpperCase().split(':')
    const protocol = securityProtocols.find((known) => known === word)
    if (name === '' || !protocol) {
      const known = securityProtocols.join(', ')
      throw new ConfigError(
        `listener_security_protocol_map has '${item.trim()}', which is no NAME:PROTOCOL; protocols are ${known}.`,
      )
    }
    protocols.set(name, protocol)
  }
  return protocols
}

function protocolOf(name: string, protocols: ReadonlyMap<string, SecurityProtocol>): SecurityProtocol {
  const protocol = protocols.get(name)
  if (protocol) return protocol
  throw new ConfigError(
    `The listener ${name} has no protocol: add ${name}:SASL_SSL, or another of ${securityProtocols.join(', ')}, ` +
      'to listener_security_protocol_map.',
  )
}

function advertisedAddresses(text: string, named: ReadonlyMap<string, Address>): ReadonlyMap<string, Address> {
  if (text === '') return new Map()
  const [only] = named.keys()
  const isPlain = !text.includes('://')
  if (isPlain && named.size > 1) {
    throw new ConfigError(
      `advertised_listeners is '${text}', but there are several listeners: write NAME://host:port for each.`,
    )
  }
  const advertised = isPlain
    ? new Map([[only as string, parseAddress(text, 'advertised_listeners')]])
    : namedAddresses(text, 'advertised_listeners')
  refuseStrangers(advertised.keys(), named, 'advertised_listeners')
  return advertised
}

function refuseStrangers(names: Iterable<string>, named: ReadonlyMap<string, Address>, where: string): void {
  for (const name of names) {
    if (named.has(name)) continue
    throw new ConfigError(`${where} names ${name}, which is no listener; there are ${[...named.keys()].join(', ')}.`)
  }
}

/** Settings of the broker, and over them those of the listener. */
export function valuesOf(name: string, config: BrokerConfig): ListenerValues {
  const keys = Object.keys(listenerKeys) as ListenerKey[]
  const own = config.listenerValues.get(name)
  return Object.fromEntries(keys.map((key) => [key, own?.[key] ?? config[key]])) as unknown as ListenerValues
}
