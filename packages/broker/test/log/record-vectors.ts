import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TopicLogConfig } from '../../src/log/logs.js'

/** Batches as producers sent them, and what Apache Kafka 4.3.1 answered and stored; compiled tests lie in dist/test/log. */
export interface ProducedCase {
  name: string
  base64: string | null
  kafkaAppends: {
    produceVersion: number
    topicConfig?: Record<string, string>
    error: number
    apiException?: boolean
    recordErrors?: { batchIndex: number }[]
    baseOffset: number
    logAppendTimeMs: number
    stored?: string
  }
}

export function recordVectors<Case = ProducedCase>(name: string): Case[] {
  const file = join(import.meta.dirname, `../../../test/vectors/records/${name}.json`)
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases
}

const defaults: TopicLogConfig = {
  cleanupPolicy: { compact: false, delete: true },
  compressionType: 'producer',
  retentionMs: 604800000,
  retentionBytes: -1,
  segmentBytes: 1073741824,
  segmentMs: 604800000,
  indexIntervalBytes: 4096,
  maxMessageBytes: 1048588,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  messageTimestampAfterMaxMs: 3600000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  minCleanableDirtyRatio: 0.5,
  deleteRetentionMs: 86400000,
  fileDeleteDelayMs: 60000,
}

/** Kafka's defaults under the given settings. */
export function topicConfig(changes: Partial<TopicLogConfig> = {}): TopicLogConfig {
  return { ...defaults, ...changes }
}

/** The settings of a case, by Kafka's names. */
export function configOf(settings: Record<string, string> = {}): TopicLogConfig {
  const changes: Partial<TopicLogConfig> = {}
  for (const [name, value] of Object.entries(settings)) Object.assign(changes, changeOf(name, value))
  return topicConfig(changes)
}

function changeOf(name: string, value: string): Partial<TopicLogConfig> {
  switch (name) {
    case 'cleanup.policy':
      return { cleanupPolicy: { compact: value.includes('compact'), delete: value.includes('delete') } }
    case 'compression.type':
      return { compressionType: value as TopicLogConfig['compressionType'] }
    case 'message.timestamp.type':
      return { messageTimestampType: value as TopicLogConfig['messageTimestampType'] }
    case 'max.message.bytes':
      return { maxMessageBytes: Number(value) }
    case 'internal.segment.bytes':
      return { segmentBytes: Number(value) }
    case 'message.timestamp.before.max.ms':
      return { messageTimestampBeforeMaxMs: Number(value) }
    default:
      throw new Error(`A vector sets ${name}`)
  }
}
