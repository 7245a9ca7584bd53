import { ConfigError } from '../config-error.js'

type Values = Readonly<Record<string, unknown>>

/** What a listener of the map says for keys that hold all listeners. */
const sharedKeys = new Set(['address', 'protocol', 'advertised'])

/**
 * `listeners` as a map, `{ clients: { address, protocol, advertised, …keys of that listener } }`, is another way to write
 * flat keys; it is turned into these, so that nothing else knows of it. Throws ConfigError.
 */
export function withFlatListeners(values: Values, from: string): Values {
  const { listeners, ...others } = values
  if (!isMapping(listeners)) return values
  refuseBoth(others, from)
  const flat: Record<string, unknown> = { ...others }
  const entries = Object.entries(listeners)
  for (const [name, listener] of entries) {
    if (!isMapping(listener) || typeof listener.address !== 'string') {
      throw new ConfigError(
        `${from}: the listener ${name} needs an address, for example ${name}: { address: 127.0.0.1:9092 }.`,
      )
    }
    for (const [key, value] of Object.entries(listener)) {
      if (!sharedKeys.has(key)) flat[`listener.name.${name}.${key}`] = value
    }
  }
  flat.listeners = listOf(entries, 'address', '://')
  flat.advertised_listeners = listOf(entries, 'advertised', '://')
  flat.listener_security_protocol_map = listOf(entries, 'protocol', ':')
  return flat
}

function listOf(entries: readonly [string, unknown][], key: string, between: string): string {
  return entries
    .flatMap(([name, listener]) => {
      const value = (listener as Values)[key]
      return value === undefined ? [] : [`${name}${between}${String(value)}`]
    })
    .join(',')
}

function refuseBoth(others: Values, from: string): void {
  for (const key of ['advertised_listeners', 'listener_security_protocol_map']) {
    if (others[key] === undefined) continue
    throw new ConfigError(`${from} sets ${key} beside a map of listeners, which says that for each listener.`)
  }
}

function isMapping(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
