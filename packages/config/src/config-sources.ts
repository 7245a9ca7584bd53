import type { Disk } from '@rivven/runtime'
import { ConfigError } from './config-error.js'
import { meantKey } from './misspelt.js'
import { didYouMean } from './nearest.js'

const defaultFile = 'rivven.yaml'

/** One for each kind of program that reads the file. */
const sections = ['broker', 'consumer', 'producer'] as const
export type Section = (typeof sections)[number]

export type Environment = Readonly<Record<string, string | undefined>>

export interface ConfigFile {
  readonly disk: Pick<Disk, 'readFile'>
  readonly env: Environment
  /** A file that must exist. Default: the one that RIVVEN_CONFIG names, else ./rivven.yaml if it is there. */
  readonly file?: string | undefined
}

/** Values by key, and where they come from for the messages: 'rivven.yaml', 'the environment', '--set'. */
export interface ConfigSource {
  readonly from: string
  readonly values: Readonly<Record<string, unknown>>
}

/** What one section of the file says; nothing when it is not there. Throws ConfigError. */
export async function fromFile(section: Section, { disk, env, file }: ConfigFile): Promise<ConfigSource> {
  const asked = file ?? env.RIVVEN_CONFIG
  const path = asked ?? defaultFile
  let content: Buffer
  try {
    content = await disk.readFile(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (asked === undefined && code === 'ENOENT') return { from: path, values: {} }
    const reason = code === 'ENOENT' ? 'it is not there' : message
    throw new ConfigError(`The configuration file ${path} cannot be read: ${reason}.`)
  }
  return { from: path, values: await sectionOf(content.toString(), section, path) }
}

const prefix = 'RIVVEN_'

/**
 * What the environment says about these keys, as RIVVEN_<KEY>; what is empty is not said. Throws ConfigError for a name that
 * is one of them misspelt.
 */
export function fromEnvironment(keys: Iterable<string>, env: Environment): ConfigSource {
  const known = new Set(keys)
  const values: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || value === undefined || value === '') continue
    const key = name.slice(prefix.length).toLowerCase()
    if (known.has(key)) values[key] = value
    else if (key !== 'config') refuseMisspelt(name, key, [...known, 'config'])
  }
  return { from: 'the environment', values }
}

function refuseMisspelt(name: string, key: string, known: readonly string[]): void {
  const meant = meantKey(key, known)
  if (meant === undefined) return
  throw new ConfigError(
    `The environment sets ${name}, which nobody reads. Did you mean ${prefix}${meant.toUpperCase()}?`,
  )
}

async function sectionOf(text: string, section: Section, path: string): Promise<Record<string, unknown>> {
  // Most programs have no file; they need not load a YAML parser.
  const { parse } = await import('./yaml.js')
  let document: unknown
  try {
    document = parse(text)
  } catch (error) {
    // The parser shows the place on further lines.
    const [reason] = (error as Error).message.split('\n', 1)
    throw new ConfigError(`${path} is not YAML: ${reason}`)
  }
  if (document === null) return {}
  if (!isMapping(document))
    throw new ConfigError(`${path} must have sections, for example a line "${section}:" and keys under it.`)
  for (const name of Object.keys(document)) {
    if ((sections as readonly string[]).includes(name)) continue
    const known = sections.join(', ')
    throw new ConfigError(`${path} has a section ${name}; known are ${known}.${didYouMean(name, sections)}`)
  }
  const values = document[section] ?? {}
  if (!isMapping(values)) throw new ConfigError(`The section ${section} of ${path} must have keys with values.`)
  return values
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
