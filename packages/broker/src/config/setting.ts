import { Secret } from '@rivven/config'

// A library of schemas in the place of these few checks cost 29 ms of a start of 190 (CPU).

/** Kafka's type of a config, as DescribeConfigs names it. */
export type SettingType = 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list' | 'password'

export interface Setting<Value = unknown> {
  readonly type: SettingType
  /** Undefined: not set, another setting counts or nothing happens. */
  readonly fallback: Value
  readonly about: string
  /** Reads YAML's values as well as the text of flags and environment. */
  readonly read: Read<Value>
}

export type Read<Value> = (given: unknown) => Value | Unfit

/** Why a value cannot be taken: what it must be. */
export class Unfit {
  constructor(readonly because: string) {}
}

interface Bounds {
  min?: number
  max?: number
}

const INT_MAX = 2_147_483_647

/** Beyond 2^53 only "never" makes sense (Kafka writes it as 2^63-1), and rounding does not hurt that. */
const LONG_MAX = 2 ** 63

/** The number, or NaN for what is none of this form. */
function numeric(given: unknown, form: RegExp): number {
  if (typeof given === 'string' && form.test(given)) return Number(given)
  return typeof given === 'number' ? given : Number.NaN
}

function whole(largest: number, { min = -largest, max = largest }: Bounds): Read<number> {
  const tooMuch = max === LONG_MAX ? 'must fit into 64 bits' : `must be ${max} or less`
  return (given) => {
    const value = numeric(given, /^[+-]?\d+$/)
    if (!Number.isInteger(value)) return new Unfit('must be a whole number')
    if (value < min) return new Unfit(`must be ${min} or more`)
    return value > max ? new Unfit(tooMuch) : value
  }
}

export function int(fallback: number, about: string, bounds: Bounds = {}): Setting<number> {
  return { type: 'int', fallback, about, read: whole(INT_MAX, bounds) }
}

export function long(fallback: number, about: string, bounds: Bounds = {}): Setting<number> {
  return { type: 'long', fallback, about, read: whole(LONG_MAX, bounds) }
}

/** A number that is only there when someone sets it. */
export function optional(setting: Setting<number>): Setting<number | undefined> {
  return { ...setting, fallback: undefined }
}

export function boolean(fallback: boolean, about: string): Setting<boolean> {
  const read: Read<boolean> = (given) => {
    const word = String(given)
    return word === 'true' || word === 'false' ? word === 'true' : new Unfit('must be true or false')
  }
  return { type: 'boolean', fallback, about, read }
}

export function double(fallback: number, about: string, { min, max }: { min: number; max: number }): Setting<number> {
  const read: Read<number> = (given) => {
    const value = numeric(given, /^\d+(\.\d+)?$/)
    if (Number.isNaN(value)) return new Unfit('must be a number')
    return value >= min && value <= max ? value : new Unfit(`must be between ${min} and ${max}`)
  }
  return { type: 'double', fallback, about, read }
}

const readText: Read<string> = (given) => (typeof given === 'string' ? given : new Unfit('must be a text'))

export function text(fallback: string, about: string): Setting<string> {
  return { type: 'string', fallback, about, read: readText }
}

export function oneOf<const Word extends string>(
  words: readonly Word[],
  fallback: NoInfer<Word>,
  about: string,
): Setting<Word> {
  const read: Read<Word> = (given) =>
    words.find((word) => word === given) ?? new Unfit(`must be one of ${words.join(', ')}`)
  return { type: 'string', fallback, about, read }
}

/** A comma-separated list of these words, kept as text. */
export function listOf(words: readonly string[], fallback: string, about: string): Setting<string> {
  const read: Read<string> = (given) => {
    const list = Array.isArray(given) ? given.join(',') : given
    const isList = typeof list === 'string' && list.split(',').every((item) => words.includes(item.trim()))
    return isList ? list : new Unfit(`must be a list of ${words.join(', ')}`)
  }
  return { type: 'list', fallback, about, read }
}

/** A text that no print shows; undefined: not set. */
export function secret(about: string): Setting<Secret | undefined> {
  const read: Read<Secret> = (given) =>
    typeof given === 'string' && given !== '' ? new Secret(given) : new Unfit('must be a text')
  return { type: 'password', fallback: undefined, about, read }
}

/** Any text, which nothing here reads. */
export function ignoredList(about: string): Setting<string> {
  return { type: 'list', fallback: '', about, read: readText }
}

/** A feature that is not there: asking for it must not seem to work. */
export function absent(about: string): Setting<boolean> {
  const read: Read<boolean> = (given) =>
    String(given) === 'false' ? false : new Unfit('must be false: this broker does not have it')
  return { type: 'boolean', fallback: false, about, read }
}
