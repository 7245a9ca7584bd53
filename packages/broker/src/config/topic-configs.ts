import { nearest } from '@rivven/config'
import type { TopicLogConfig } from '../log/logs.js'
import { type BrokerConfig, settingText } from './broker-config.js'
import { Unfit } from './setting.js'
import { type TopicSetting, topicSettings } from './topic-settings.js'

export type TopicConfigs = ReadonlyMap<string, string>

/** Why a value cannot be a topic's, as a sentence; undefined when it can. */
export function topicConfigFault(name: string, value: string | null): string | undefined {
  const known = topicSettings.get(name)
  if (!known) return unknownConfig(name)
  if (value === null) return `${name} must have a value.`
  const read = known.setting.read(value)
  if (!(read instanceof Unfit)) return undefined
  // A value may be a megabyte of rubbish.
  const shown = value.length > 100 ? `${value.slice(0, 100)}…` : value
  return `${name} is '${shown}': it ${read.because}.`
}

function unknownConfig(name: string): string {
  const suggestion = nearest(name.slice(0, 100), topicSettings.keys())
  return `Topics have no config ${name.slice(0, 100)}.${suggestion ? ` Did you mean ${suggestion}?` : ''}`
}

/** Kafka's numbers for where a value comes from. */
export const ConfigSource = { TOPIC: 1, DYNAMIC_DEFAULT_BROKER: 3, STATIC_BROKER: 4, DEFAULT: 5 } as const

export interface EffectiveConfig {
  readonly name: string
  readonly value: string | null
  readonly source: number
  /** All values that could count, the one that does first. */
  readonly synonyms: readonly { readonly name: string; readonly value: string | null; readonly source: number }[]
}

/** What counts for a topic: its own value, else the broker's, else the default. */
export function effectiveConfig(name: string, own: TopicConfigs, broker: BrokerConfig): EffectiveConfig {
  const known = topicSettings.get(name) as TopicSetting
  const synonyms: { name: string; value: string | null; source: number }[] = []
  const value = own.get(name)
  if (value !== undefined) synonyms.push({ name, value, source: ConfigSource.TOPIC })
  for (const { key, scale } of known.follows) {
    const text = settingText(broker, key)
    if (text === null) continue
    const source = broker.given.has(key) ? ConfigSource.STATIC_BROKER : (known.fallbackSource ?? ConfigSource.DEFAULT)
    synonyms.push({ name: key.replaceAll('_', '.'), value: scaled(text, scale), source })
  }
  if (known.fallback !== undefined) synonyms.push({ name, value: known.fallback, source: ConfigSource.DEFAULT })
  const first = synonyms[0]
  return { name, value: first?.value ?? null, source: first?.source ?? ConfigSource.DEFAULT, synonyms }
}

function scaled(text: string, scale = 1): string {
  // -1 hours is "for ever", as -1 ms is.
  return scale === 1 || text === '-1' ? text : String(Number(text) * scale)
}

/** What the log follows. The topic's own configs have been checked before. */
export function topicLogConfig(own: TopicConfigs, broker: BrokerConfig): TopicLogConfig {
  const text = (name: string): string => effectiveConfig(name, own, broker).value ?? ''
  const number = (name: string): number => Number(text(name))
  const policies = text('cleanup.policy')
    .split(',')
    .map((policy) => policy.trim())
  return {
    cleanupPolicy: { compact: policies.includes('compact'), delete: policies.includes('delete') },
    compressionType: text('compression.type') as TopicLogConfig['compressionType'],
    retentionMs: number('retention.ms'),
    retentionBytes: number('retention.bytes'),
    segmentBytes: number('segment.bytes'),
    segmentMs: number('segment.ms'),
    indexIntervalBytes: number('index.interval.bytes'),
    maxMessageBytes: number('max.message.bytes'),
    messageTimestampType: text('message.timestamp.type') as TopicLogConfig['messageTimestampType'],
    messageTimestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    messageTimestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    deleteRetentionMs: number('delete.retention.ms'),
    fileDeleteDelayMs: number('file.delete.delay.ms'),
  }
}
