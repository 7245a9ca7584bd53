import { type ClientKind, type ClientSigns, kindsOf } from './client-kind.js'
import type { Setting } from './settings.js'

export type ConfigValue = string | number | boolean

/** A line of configuration, as its client, or a broker of Rivven, reads it. */
export interface ConfigLine {
  readonly client: ClientKind | 'broker'
  /** Where it stands. */
  readonly file: string
  readonly key: string
  /** What is there now. Null: not known, or nothing. */
  readonly now: ConfigValue | null
  readonly suggested: ConfigValue
}

/** Where most settings of a client stand. */
const files: Readonly<Record<ClientKind, string>> = {
  rivven: 'rivven.yaml, consumer:',
  'apache-kafka-java': 'consumer.properties',
  librdkafka: 'configuration of the consumer',
  kafkajs: 'kafka.consumer()',
}

/** One line for each client that these members use and that has the setting. */
export function linesFor(
  setting: Setting,
  suggested: ConfigValue,
  { members, now = null }: { members: readonly ClientSigns[]; now?: ConfigValue | null },
): ConfigLine[] {
  return kindsOf(members).flatMap((client): ConfigLine[] => {
    const spelling = setting[client]
    const value = spelling?.values ? spelling.values[String(suggested)] : suggested
    if (!spelling || value === undefined) return []
    return [{ client, file: spelling.file ?? files[client], key: spelling.key, now, suggested: value }]
  })
}

/** A setting of brokers. */
export function brokerLine(key: string, suggested: ConfigValue, now: ConfigValue | null = null): ConfigLine {
  return { client: 'broker', file: 'rivven.yaml, broker:', key, now, suggested }
}

/** As it is written there: `max_poll_records: 100`, `max.poll.records=100`. */
export function lineText({ client, key, suggested }: ConfigLine): string {
  return client === 'apache-kafka-java' || client === 'librdkafka' ? `${key}=${suggested}` : `${key}: ${suggested}`
}
