import type { Disk } from '@rivven/runtime'
import { parse } from 'yaml'
import { UsageError } from './failure.js'

/** Keys of a section of rivven.yaml (snake_case) that become options of the client (camelCase). */
const knownKeys = {
  consumer: [
    'bootstrap_servers',
    'client_id',
    'group_id',
    'group_instance_id',
    'auto_offset_reset',
    'partition_assignment_strategy',
    'session_timeout_ms',
    'heartbeat_interval_ms',
    'max_poll_interval_ms',
    'max_poll_records',
    'enable_auto_commit',
    'auto_commit_interval_ms',
    'isolation_level',
    'fetch_min_bytes',
    'fetch_max_wait_ms',
    'fetch_max_bytes',
    'max_partition_fetch_bytes',
  ],
  producer: [
    'bootstrap_servers',
    'client_id',
    'acks',
    'compression',
    'linger_ms',
    'batch_size',
    'delivery_timeout_ms',
    'idempotent',
  ],
} as const

export type Section = keyof typeof knownKeys
export type ConfigValue = string | number | boolean | readonly string[]
export type ClientConfig = Record<string, ConfigValue>

/** Text, also where it looks like a number: YAML and the environment do not say which. */
const names = ['client_id', 'group_id', 'group_instance_id']

const sections = ['broker', 'consumer', 'producer']

/**
 * Options of one section: what `rivven.yaml` says, with `RIVVEN_<KEY>` of the environment over it, in camelCase.
 * Unknown keys of the section are refused with the nearest known one.
 */
export async function loadConfig(
  section: Section,
  source: { disk: Disk; path?: string; env: Readonly<Record<string, string | undefined>> },
): Promise<ClientConfig> {
  const fromFile = source.path === undefined ? {} : await readSection(section, source.path, source.disk)
  const config: ClientConfig = {}
  for (const key of knownKeys[section]) {
    const value = fromEnvironment(source.env[`RIVVEN_${key.toUpperCase()}`]) ?? fromFile[key]
    if (value !== undefined) config[camelCase(key)] = names.includes(key) ? String(value) : value
  }
  return config
}

async function readSection(section: Section, path: string, disk: Disk): Promise<Record<string, ConfigValue>> {
  let content: unknown
  try {
    content = parse((await disk.readFile(path)).toString('utf8'))
  } catch (error) {
    throw new UsageError(`The configuration file ${path} cannot be read: ${firstLine((error as Error).message)}`)
  }
  if (typeof content !== 'object' || content === null)
    throw new UsageError(`${path} holds no sections (broker:, consumer:, producer:).`)
  for (const name of Object.keys(content)) refuseUnknown(name, sections, `section of ${path}`)
  const values = (content as Record<string, Record<string, ConfigValue> | undefined>)[section] ?? {}
  for (const key of Object.keys(values)) refuseUnknown(key, knownKeys[section], `key in ${section}: of ${path}`)
  return values
}

/** YAML's parser shows the place on further lines. */
function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}

function refuseUnknown(word: string, known: readonly string[], what: string): void {
  if (known.includes(word)) return
  const [nearest] = [...known].sort((a, b) => distance(word, a) - distance(word, b))
  throw new UsageError(`"${word}" is no known ${what}. Did you mean "${nearest}"?`)
}

function fromEnvironment(value: string | undefined): ConfigValue | undefined {
  if (value === undefined || value === '') return undefined
  if (value === 'true' || value === 'false') return value === 'true'
  return /^-?\d+$/.test(value) ? Number(value) : value
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]!
}
