import { ConfigError, type ConfigSource, didYouMean, type Environment, fromEnvironment, fromFile } from '@rivven/config'
import { RivvenError } from '@rivven/link'
import { nodeRuntime, type Runtime } from '@rivven/runtime'
import type { ConsumerOptions } from '../consumer/options/consumer-options.js'
import type { ProducerOptions } from '../producer/producer-options.js'
import { consumerKeys, producerKeys, securityKeys, type ValueKind } from './client-keys.js'
import { configValue } from './config-value.js'
import { Said } from './said.js'
import { securityOptions } from './security-options.js'

export interface ConfigPlaces {
  /** A file that must exist. Default: the one that RIVVEN_CONFIG names, else ./rivven.yaml if it is there. */
  file?: string | undefined
  /** Default: that of the process. */
  env?: Environment
  /** Values by key that count more than both: those of a command line. */
  over?: Readonly<Record<string, unknown>>
  /** A section that says nothing of how connections are secured takes what the other section says. Default false. */
  sharesSecurity?: boolean
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
  { file, env = process.env, over = {}, sharesSecurity = false, runtime = nodeRuntime() }: ConfigPlaces,
): Promise<Record<string, unknown>> {
  const said = new Said()
  try {
    const place = { disk: runtime.disk, env, file }
    const written = await fromFile(section, place)
    refuseUnknown(written, section, keys)
    const isSilent = Object.keys(securityOf(written).values).length === 0
    const other = section === 'consumer' ? 'producer' : 'consumer'
    if (sharesSecurity && isSilent) take(securityOf(await fromFile(other, place)), keys, said)
    const commandLine = { from: 'the command line', values: over }
    for (const source of [written, fromEnvironment(Object.keys(keys), env), commandLine]) take(source, keys, said)
    const security = await securityOptions(said, runtime.disk)
    return { bootstrapServers: ['localhost:9092'], ...said.options(), ...security }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new RivvenError('INVALID_CONFIG', error.message, { cause: error })
  }
}

function securityOf({ from, values }: ConfigSource): ConfigSource {
  return {
    from,
    values: Object.fromEntries(Object.entries(values).filter(([key]) => Object.hasOwn(securityKeys, key))),
  }
}

function take({ from, values }: ConfigSource, keys: Keys, said: Said): void {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined)
  for (const [key, value] of given) said.put(key, configValue(keys[key]!, value, `${key} (${from})`), from)
}

function refuseUnknown({ from, values }: ConfigSource, section: string, keys: Keys): void {
  for (const key of Object.keys(values)) {
    if (Object.hasOwn(keys, key)) continue
    const suggestion = didYouMean(key.replaceAll(/[.-]/g, '_'), Object.keys(keys))
    throw new ConfigError(`${from} sets ${key} in ${section}:, which no ${section} knows.${suggestion}`)
  }
}
