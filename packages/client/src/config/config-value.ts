import { ConfigError, Secret } from '@rivven/config'
import type { ValueKind } from './client-keys.js'

export type ConfigValue = string | number | boolean | readonly string[] | Secret

/** Reads a value as what it has to be: YAML knows types, the environment has text only. `where` is for the message. */
export function configValue(kind: ValueKind, value: unknown, where: string): ConfigValue {
  const read = readers[kind](value)
  if (read !== undefined) return read
  const is = kind === 'secret' ? 'cannot be read' : `is ${JSON.stringify(value)}`
  throw new ConfigError(`${where} ${is}: it must be ${expected[kind]}.`)
}

const expected: Readonly<Record<ValueKind, string>> = {
  text: 'a text',
  number: 'a whole number',
  switch: 'true or false',
  texts: 'a text or a list of texts',
  acks: 'all, 1 or 0',
  secret: 'a text',
}

const readers: Readonly<Record<ValueKind, (value: unknown) => ConfigValue | undefined>> = {
  text: textOf,
  number: numberOf,
  switch: switchOf,
  texts: textsOf,
  acks: (value) => (value === 'all' ? value : numberOf(value)),
  secret: secretOf,
}

/** A group may be called 42, which YAML takes for a number. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

/** From here on nothing shows it. */
function secretOf(value: unknown): Secret | undefined {
  if (value instanceof Secret) return value
  const text = textOf(value)
  return text === undefined ? undefined : new Secret(text)
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'string' && /^-?\d+$/.test(value.trim())) return Number(value)
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}

function switchOf(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true
  return value === false || value === 'false' ? false : undefined
}

/** One, several with commas between, or a list. */
function textsOf(value: unknown): readonly string[] | undefined {
  const list = Array.isArray(value) ? value.map(textOf) : textOf(value)?.split(',')
  if (!list || list.some((text) => text === undefined)) return undefined
  return list.map((text) => text!.trim()).filter((text) => text !== '')
}
