import { didYouMean } from './nearest.js'

/** What is wrong with a value, in words: the sentence, and what to do about it. */
export interface Misfit {
  readonly text: string
  readonly hint?: string
}

/** Says what is wrong with a value that is called `name` in messages; undefined: nothing is. */
export type Check = (value: unknown, name: string) => Misfit | undefined

/** A check that lets undefined pass, for fields that may be left out. */
export type OptionalCheck = Check & { readonly isOptional: true }

/** A check for every field of X: one that is left out does not compile, nor does `optional` for a field that is needed. */
export type FieldChecks<X> = {
  readonly [Field in keyof X]-?: Record<never, never> extends Pick<X, Field> ? OptionalCheck : Check
}

/** What to write instead of a field that other clients have. */
export type OtherNames = Readonly<Record<string, string>>

export interface ObjectWords {
  /** In messages: `The options of Producer`. Default: the name of the value. */
  what?: string
  /** Fields that people know from elsewhere. */
  otherNames?: OtherNames
  /** Fields beyond these are left unread: for places, which whole records and answers are, too. Default false. */
  mayHaveMore?: boolean
}

/** An object with these fields and no others. */
export function object<X extends object>(fields: FieldChecks<X>, words: ObjectWords = {}): Check {
  const checks = new Map(Object.entries<Check>(fields as Readonly<Record<string, Check>>))
  return (value, name) => {
    const what = words.what ?? name
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return {
        text: `${what} must be an object, not ${shown(value)}.`,
        hint: `It has ${[...checks.keys()].join(', ')}.`,
      }
    const unknown = words.mayHaveMore ? undefined : unknownField(value, what, checks, words.otherNames)
    return unknown ?? misfitField(value, name, checks)
  }
}

function unknownField(
  value: object,
  what: string,
  checks: ReadonlyMap<string, Check>,
  otherNames: OtherNames = {},
): Misfit | undefined {
  for (const field of Object.keys(value)) {
    if (checks.has(field)) continue
    const hint = Object.hasOwn(otherNames, field)
      ? otherNames[field]
      : didYouMean(field, checks.keys()).trim() || `Known are ${[...checks.keys()].join(', ')}.`
    return { text: `${what} ${what.startsWith('The options') ? 'have' : 'has'} no ${field}.`, hint }
  }
  return undefined
}

function misfitField(value: object, name: string, checks: ReadonlyMap<string, Check>): Misfit | undefined {
  for (const [field, check] of checks) {
    const misfit = check((value as Record<string, unknown>)[field], name === '' ? field : `${name}.${field}`)
    if (misfit) return misfit
  }
  return undefined
}

export function optional(check: Check): OptionalCheck {
  const orNothing: Check = (value, name) => (value === undefined ? undefined : check(value, name))
  return Object.assign(orNothing, { isOptional: true as const })
}

export function orNull(check: Check): Check {
  return (value, name) => (value === null ? undefined : check(value, name))
}

/** The first of them that accepts it; the misfit of the last. */
export function either(...checks: readonly Check[]): Check {
  return (value, name) => {
    let misfit: Misfit | undefined
    for (const check of checks) {
      misfit = check(value, name)
      if (!misfit) return undefined
    }
    return misfit
  }
}

/** Accepts what `fits` says; `expected` goes behind `must be`. */
export function fitting(expected: string, fits: (value: unknown) => boolean, hint?: string): Check {
  return (value, name) => {
    if (fits(value)) return undefined
    return { text: `${name} is ${shown(value)}: it must be ${expected}.`, ...(hint !== undefined && { hint }) }
  }
}

export const anything: Check = () => undefined

export const flag = fitting('true or false', (value) => typeof value === 'boolean')

/** Text that is not empty. */
export const text = fitting('a text that is not empty', (value) => typeof value === 'string' && value !== '')

export const anyText = fitting('a text', (value) => typeof value === 'string')

export const func = fitting('a function', (value) => typeof value === 'function')

/** A whole number from `least` to `most`; default: what 31 bits hold. */
export function whole(least: number, most = 2 ** 31 - 1): Check {
  const isIn = (value: unknown) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most
  return fitting(`a whole number from ${least} to ${most}`, isIn)
}

export function oneOf(...values: readonly (string | number)[]): Check {
  const words = values.map((value) => (typeof value === 'number' ? String(value) : `'${value}'`))
  const last = words.pop()
  return fitting([words.join(', '), last].filter((part) => part !== '').join(' or '), (value) =>
    values.includes(value as string | number),
  )
}

export function listOf(check: Check, hint?: string): Check {
  return (value, name) => {
    if (!Array.isArray(value)) {
      const { text } = fitting('a list', () => false)(value, name)!
      return { text, ...(hint !== undefined && { hint }) }
    }
    for (const [at, entry] of value.entries()) {
      const misfit = check(entry, `${name}[${at}]`)
      if (misfit) return misfit
    }
    return undefined
  }
}

/** One, or a list of them. */
export function oneOrMany(check: Check): Check {
  const many = listOf(check)
  return (value, name) => (Array.isArray(value) ? many(value, name) : check(value, name))
}

/** An object whose values all fit, whatever their names. */
export function recordOf(check: Check): Check {
  const isPlain = fitting('an object', (value) => typeof value === 'object' && value !== null && !Array.isArray(value))
  return (value, name) => {
    const misfit = isPlain(value, name)
    if (misfit) return misfit
    for (const [key, entry] of Object.entries(value as object)) {
      const inside = check(entry, `${name}.${key}`)
      if (inside) return inside
    }
    return undefined
  }
}

/** The value as messages show it, and never more of it than fits a line. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  const kind = Object.prototype.toString.call(value).slice(8, -1)
  return kind === 'Object' ? 'an object' : `a ${kind}`
}
