import { ConfigError, type ConfigSource, didYouMean, type Environment, fromEnvironment, fromFile } from '@rivven/config'
import { nodeRuntime, type Runtime } from '@rivven/runtime'
import type { ConsumerOptions } from '../consumer/options/consumer-options.js'
import { RivvenError } from '../errors.js'
import type { ProducerOptions } from '../producer/producer-options.js'
import { consumerKeys, producerKeys, type ValueKind } from './client-keys.js'
import { type ConfigValue, configValue } from './config-value.js'

export interface ConfigPlaces {
  /** A file that must exist. Default: the one that RIVVEN_CONFIG names, else ./rivven.yaml if it is there. */
  file?: string | undefined
  /** Default: that of the process. */
  env?: Environment
  runtime?: Pick<Runtime, 'disk'>
}

/**
 * Options for a Consumer from the section `consumer:` of rivven.yaml, with `RIVVEN_<KEY>` of the environment over it. Keys
 * are the options in snake_case; `bootstrap_servers` is localhost:9092 where nothing says it. Throws INVALID_CONFIG for
 * what is unknown or makes no sense.
 *
 * ```ts
 * const consumer = new Consumer({ ...(await loadConsumerConfig()), autoOffsetReset: 'earliest' })
 * ```
 */
export async function loadConsumerConfig(places: ConfigPlaces = {}): Promise<ConsumerOptions> {
  // The values are of the kinds that the keys say; what they may be is checked by the Consumer.
  return (await load('consumer', consumerKeys, places)) as unknown as ConsumerOptions
}

/** The same for a Producer, from the section `producer:`. */
export async function loadProducerConfig(places: ConfigPlaces = {}): Promise<ProducerOptions> {
  return (await load('producer', producerKeys, places)) as unknown as ProducerOptions
}

type Keys = Readonly<Record<string, ValueKind>>

async function load(
  section: 'consumer' | 'producer',
  keys: Keys,
  { file, env = process.env, runtime = nodeRuntime() }: ConfigPlaces,
): Promise<Record<string, ConfigValue>> {
  const options: Record<string, ConfigValue> = { bootstrapServers: ['localhost:9092'] }
  try {
    const written = await fromFile(section, { disk: runtime.disk, env, file })
    refuseUnknown(written, section, keys)
    for (const source of [written, fromEnvironment(Object.keys(keys), env)]) take(source, keys, options)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new RivvenError('INVALID_CONFIG', error.message, { cause: error })
  }
  return options
}

function take({ from, values }: ConfigSource, keys: Keys, options: Record<string, ConfigValue>): void {
  for (const [key, value] of Object.entries(values)) {
    // A key without a value says nothing.
    if (value !== null) options[camelCase(key)] = configValue(keys[key]!, value, `${key} (${from})`)
  }
}

function refuseUnknown({ from, values }: ConfigSource, section: string, keys: Keys): void {
  for (const key of Object.keys(values)) {
    if (Object.hasOwn(keys, key)) continue
    const suggestion = didYouMean(key.replaceAll(/[.-]/g, '_'), Object.keys(keys))
    throw new ConfigError(`${from} sets ${key} in ${section}:, which no ${section} knows.${suggestion}`)
  }
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
