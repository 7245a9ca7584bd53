import { z } from 'zod'

/** Kafka's type of a config, as DescribeConfigs names it. */
export type SettingType = 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list'

export interface Setting<Value = unknown> {
  readonly type: SettingType
  /** Undefined: not set, another setting counts or nothing happens. */
  readonly fallback: Value
  readonly about: string
  /** Reads YAML's values as well as the text of flags and environment. */
  readonly schema: z.ZodType<Value>
}

interface Bounds {
  min?: number
  max?: number
}

const INT_MAX = 2_147_483_647

/** Beyond 2^53 only "never" makes sense (Kafka writes it as 2^63-1), and rounding does not hurt that. */
const LONG_MAX = 2 ** 63

const wholeNumber = z.union(
  [
    z.number(),
    z
      .string()
      .regex(/^[+-]?\d+$/)
      .transform(Number),
  ],
  'must be a whole number',
)

function number(type: 'int' | 'long', largest: number, { min = -largest, max = largest }: Bounds): z.ZodType<number> {
  return wholeNumber.pipe(
    z
      .number()
      .refine(Number.isInteger, 'must be a whole number')
      .min(min, `must be ${min} or more`)
      .max(max, type === 'int' || max < largest ? `must be ${max} or less` : 'must fit into 64 bits'),
  )
}

export function int(fallback: number, about: string, bounds: Bounds = {}): Setting<number> {
  return { type: 'int', fallback, about, schema: number('int', INT_MAX, bounds) }
}

export function long(fallback: number, about: string, bounds: Bounds = {}): Setting<number> {
  return { type: 'long', fallback, about, schema: number('long', LONG_MAX, bounds) }
}

/** A number that is only there when someone sets it. */
export function optional(setting: Setting<number>): Setting<number | undefined> {
  return { ...setting, fallback: undefined }
}

export function boolean(fallback: boolean, about: string): Setting<boolean> {
  const schema = z.union(
    [z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')],
    'must be true or false',
  )
  return { type: 'boolean', fallback, about, schema }
}

export function double(fallback: number, about: string, { min, max }: { min: number; max: number }): Setting<number> {
  const schema = z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d+(\.\d+)?$/)
          .transform(Number),
      ],
      'must be a number',
    )
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`)
  return { type: 'double', fallback, about, schema }
}

export function text(fallback: string, about: string): Setting<string> {
  return { type: 'string', fallback, about, schema: z.string('must be a text') }
}

export function oneOf<const Word extends string>(
  words: readonly Word[],
  fallback: NoInfer<Word>,
  about: string,
): Setting<Word> {
  return { type: 'string', fallback, about, schema: z.enum(words, `must be one of ${words.join(', ')}`) }
}

/** A comma-separated list of these words, kept as text. */
export function listOf(words: readonly string[], fallback: string, about: string): Setting<string> {
  const schema = z
    .union([z.string(), z.array(z.string()).transform((items) => items.join(','))])
    .refine(
      (value) => value.split(',').every((item) => words.includes(item.trim())),
      `must be a list of ${words.join(', ')}`,
    )
  return { type: 'list', fallback, about, schema }
}

/** Any text, which nothing here reads. */
export function ignoredList(about: string): Setting<string> {
  return { type: 'list', fallback: '', about, schema: z.string() }
}

/** A feature that is not there: asking for it must not seem to work. */
export function absent(about: string): Setting<boolean> {
  const schema = z.enum(['false'], 'must be false: this broker does not have it').transform(() => false)
  return { type: 'boolean', fallback: false, about, schema }
}
