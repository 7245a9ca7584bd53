import { ConfigError, type ConfigSource, nearest, Secret } from '@rivven/config'
import { type BrokerKey, type BrokerValues, brokerKeys, isBrokerKey } from './broker-keys.js'
import { withFlatListeners } from './listeners/listener-map.js'
import { isListenerKey, type ListenerValues } from './security-keys.js'
import { Unfit } from './setting.js'

/** Settings of the broker by their key in rivven.yaml: one name for one thing, from the file to the code. */
export interface BrokerConfig extends BrokerValues {
  /** Keys that someone has set: file, environment or flag. */
  readonly given: ReadonlySet<string>
  /** What is different for single listeners, by their name in upper case. */
  readonly listenerValues: ReadonlyMap<string, Partial<ListenerValues>>
}

/** Defaults under the sources, later sources over earlier ones. Throws ConfigError at what nobody could have meant. */
export function brokerConfig(sources: readonly ConfigSource[] = []): BrokerConfig {
  const values: Record<string, unknown> = {}
  const given = new Set<string>()
  const listenerValues = new Map<string, Record<string, unknown>>()
  for (const [key, setting] of Object.entries(brokerKeys)) values[key] = setting.fallback
  const take = (word: string, value: unknown, from: string): void => {
    const listener = listenerOf(word)
    if (listener) {
      const { name, key } = listener
      listenerValues.set(name, { ...listenerValues.get(name), [key]: checkedListenerValue(key, value, from) })
    } else {
      values[word] = checkedValue(word, value, from)
      given.add(word)
    }
  }
  for (const { from, values: own } of sources) {
    for (const [word, value] of Object.entries(withFlatListeners(own, from))) take(word, value, from)
  }
  return { ...(values as unknown as BrokerValues), given, listenerValues }
}

/** `listener.name.<name>.<key>`: the key of one listener, with Kafka's dots or without. */
function listenerOf(word: string): { name: string; key: string } | undefined {
  const [, name, key] = /^listener\.name\.([^.]+)\.(.+)$/.exec(word) ?? []
  return name === undefined || key === undefined
    ? undefined
    : { name: name.toUpperCase(), key: key.replaceAll('.', '_') }
}

function checkedListenerValue(key: string, value: unknown, from: string): unknown {
  if (isListenerKey(key)) return checkedValue(key, value, from)
  const isForAll = isBrokerKey(key)
  if (isForAll) throw new ConfigError(`${from}: ${key} is the same for all listeners; set it without listener.name.`)
  throw unknownKey(key, from)
}

function checkedValue(key: string, value: unknown, from: string): unknown {
  if (!isBrokerKey(key)) throw unknownKey(key, from)
  const read = brokerKeys[key].read(value)
  if (read instanceof Unfit) {
    const shown = brokerKeys[key].type === 'password' ? 'no fit' : `'${String(value)}'`
    throw new ConfigError(`${key} (${from}) is ${shown}: it ${read.because}.`)
  }
  return read
}

function unknownKey(key: string, from: string): ConfigError {
  const suggestion = nearest(key.replaceAll('.', '_').replaceAll('-', '_'), Object.keys(brokerKeys))
  const hint = suggestion ? ` Did you mean ${suggestion}?` : ' docs/broker.md lists all keys.'
  return new ConfigError(`${from} sets ${key}, which the broker does not know.${hint}`)
}

/** How DescribeConfigs shows a value. */
export function settingText(config: BrokerConfig, key: BrokerKey): string | null {
  const value: unknown = config[key]
  if (value === undefined || value instanceof Secret) return null
  // 2^63-1 cannot be a number without rounding; it only ever means "never".
  if (typeof value === 'number' && value > Number.MAX_SAFE_INTEGER) return '9223372036854775807'
  return String(value)
}
