import {
  ConfigError,
  type ConfigFile,
  type ConfigSource,
  type Environment,
  fromEnvironment,
  fromFile,
} from '@rivven/config'
import { type BrokerConfig, brokerConfig } from './broker-config.js'
import { brokerKeys } from './broker-keys.js'

export interface ConfigInput extends ConfigFile {
  /** What flags say, by key. */
  readonly flags?: Readonly<Record<string, unknown>>
  /** `key=value` words. */
  readonly set?: readonly string[]
}

/** File, environment and flags, later ones over earlier ones. Throws ConfigError. */
export async function loadBrokerConfig(input: ConfigInput): Promise<BrokerConfig> {
  return brokerConfig([
    await fromFile('broker', input),
    // Only keys of the broker count here: RIVVEN_GROUP_ID and its like are for clients.
    fromEnvironment(Object.keys(brokerKeys), input.env),
    listenersFromEnvironment(input.env),
    { from: '--set', values: Object.fromEntries((input.set ?? []).map(keyAndValue)) },
    { from: 'the command line', values: input.flags ?? {} },
  ])
}

/** RIVVEN_LISTENER_NAME_<NAME>_<KEY>: keys of single listeners, where their name has no `_`. */
function listenersFromEnvironment(env: Environment): ConfigSource {
  const values: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(env)) {
    const [, listener, key] = /^RIVVEN_LISTENER_NAME_([^_]+)_(.+)$/.exec(name) ?? []
    if (key !== undefined && value !== undefined && value !== '') {
      values[`listener.name.${listener}.${key.toLowerCase()}`] = value
    }
  }
  return { from: 'the environment', values }
}

function keyAndValue(word: string): [string, string] {
  const at = word.indexOf('=')
  if (at <= 0) throw new ConfigError(`--set ${word} is no key=value, for example --set num_partitions=6.`)
  return [word.slice(0, at), word.slice(at + 1)]
}
