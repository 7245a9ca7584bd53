import type { Disk } from '@rivven/runtime'
import { type BrokerConfig, brokerConfig, type ConfigSource } from './broker-config.js'
import { brokerKeys } from './broker-keys.js'
import { ConfigError } from './config-error.js'
import { nearest } from './suggestion.js'

const DEFAULT_FILE = 'rivven.yaml'
const SECTIONS = ['broker', 'consumer', 'producer']

export interface ConfigInput {
  readonly disk: Disk
  readonly env: Readonly<Record<string, string | undefined>>
  /** A configuration file that must exist; without it ./rivven.yaml is read if it is there. */
  readonly file?: string | undefined
  /** What flags say, by key. */
  readonly flags?: Readonly<Record<string, unknown>>
  /** `key=value` words. */
  readonly set?: readonly string[]
}

/** File, environment and flags, later ones over earlier ones. Throws ConfigError. */
export async function loadBrokerConfig(input: ConfigInput): Promise<BrokerConfig> {
  return brokerConfig([
    await fromFile(input),
    fromEnvironment(input.env),
    { from: '--set', values: Object.fromEntries((input.set ?? []).map(keyAndValue)) },
    { from: 'the command line', values: input.flags ?? {} },
  ])
}

async function fromFile({ disk, env, file }: ConfigInput): Promise<ConfigSource> {
  const asked = file ?? env.RIVVEN_CONFIG
  const path = asked ?? DEFAULT_FILE
  let content: Buffer
  try {
    content = await disk.readFile(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (asked === undefined && code === 'ENOENT') return { from: path, values: {} }
    throw new ConfigError(
      `The configuration file ${path} cannot be read: ${code === 'ENOENT' ? 'it is not there' : message}.`,
    )
  }
  return { from: path, values: await brokerSection(content.toString(), path) }
}

async function brokerSection(text: string, path: string): Promise<Record<string, unknown>> {
  // Most starts have no file; they need not load a YAML parser.
  const { parse } = await import('yaml')
  let document: unknown
  try {
    document = parse(text)
  } catch (error) {
    throw new ConfigError(`${path} is not YAML: ${(error as Error).message}`)
  }
  if (document === null) return {}
  if (!isMapping(document))
    throw new ConfigError(`${path} must have sections, for example a line "broker:" and keys under it.`)
  for (const section of Object.keys(document)) {
    if (SECTIONS.includes(section)) continue
    const suggestion = nearest(section, SECTIONS)
    throw new ConfigError(
      `${path} has a section ${section}; known are ${SECTIONS.join(', ')}.${suggestion ? ` Did you mean ${suggestion}?` : ''}`,
    )
  }
  const section = document.broker ?? {}
  if (!isMapping(section)) throw new ConfigError(`The section broker of ${path} must have keys with values.`)
  return section
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Only keys of the broker count here: RIVVEN_GROUP_ID and its like are for clients. */
function fromEnvironment(env: ConfigInput['env']): ConfigSource {
  const values: Record<string, unknown> = {}
  for (const key of Object.keys(brokerKeys)) {
    const value = env[`RIVVEN_${key.toUpperCase()}`]
    if (value !== undefined) values[key] = value
  }
  return { from: 'the environment', values }
}

function keyAndValue(word: string): [string, string] {
  const at = word.indexOf('=')
  if (at <= 0) throw new ConfigError(`--set ${word} is no key=value, for example --set num_partitions=6.`)
  return [word.slice(0, at), word.slice(at + 1)]
}
