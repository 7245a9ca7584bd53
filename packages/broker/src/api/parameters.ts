import { type Setting, Unfit } from '../config/setting.js'
import { Problem } from './problem.js'

/** A parameter of a query, or a field of a body. They are read as settings are, which know texts and JSON alike. */
export interface Parameter<Value = unknown> extends Setting<Value> {
  /** It must be given. */
  readonly isNeeded?: boolean
}

export type Parameters = Readonly<Record<string, Parameter>>

/** What was given, or the defaults. */
export type Given<P> = { readonly [Name in keyof P]: P[Name] extends Parameter<infer Value> ? Value : never }

export function needed<Value>(parameter: Parameter<Value>): Parameter<Value> {
  return { ...parameter, isNeeded: true }
}

/** Some texts: a list in JSON, with commas between in a query. */
export function texts(about: string): Parameter<readonly string[]> {
  const read = (given: unknown): readonly string[] | Unfit => {
    const all = typeof given === 'string' ? given.split(',') : given
    const isList = Array.isArray(all) && all.every((one) => typeof one === 'string')
    return isList ? all : new Unfit('must be a list of texts')
  }
  return { type: 'list', fallback: [], about, read }
}

/** JSON of a form of its own; `mustBe` says which to whoever sent another. */
export function value<Value>(
  isRight: (given: unknown) => given is Value,
  about: string,
  mustBe = 'is not what this call takes',
): Parameter<Value | undefined> {
  const read = (given: unknown): Value | Unfit => (isRight(given) ? given : new Unfit(mustBe))
  return { type: 'string', fallback: undefined, about, read }
}

/** An object with no other fields than these: one that is not known means something that would not be done. */
export function isObjectOf(names: readonly string[], given: unknown): given is Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  return Object.keys(given).every((name) => names.includes(name))
}

/** Some of these words. */
export function wordsOf<const Word extends string>(words: readonly Word[], about: string): Parameter<readonly Word[]> {
  const all = texts(about)
  const read = (given: unknown): readonly Word[] | Unfit => {
    const list = all.read(given)
    if (list instanceof Unfit) return list
    const isKnown = list.every((word) => words.some((known) => known === word))
    return isKnown ? (list as readonly Word[]) : new Unfit(`must be of ${words.join(', ')}`)
  }
  return { ...all, fallback: [], read }
}

/** What of a query, or of a body, stands for what; a problem where something does not fit, or is not known. */
export function readParameters<P extends Parameters>(
  parameters: P,
  given: ReadonlyMap<string, unknown>,
): Given<P> | Problem {
  const values: Record<string, unknown> = {}
  for (const name of given.keys()) if (!Object.hasOwn(parameters, name)) return unknown(name, parameters)
  for (const [name, parameter] of Object.entries(parameters)) {
    if (!given.has(name)) {
      if (parameter.isNeeded) return new Problem('INVALID_PARAMETER', `${name} is missing.`, { parameter: name })
      values[name] = parameter.fallback
      continue
    }
    const value = parameter.read(given.get(name))
    if (value instanceof Unfit)
      return new Problem('INVALID_PARAMETER', `${name} ${value.because}.`, { parameter: name })
    values[name] = value
  }
  return values as Given<P>
}

/** Each once: who names one twice means something that we do not know. */
export function readQuery(text: string): ReadonlyMap<string, string> | Problem {
  const given = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (given.has(name))
      return new Problem('INVALID_PARAMETER', `${cut(name)} is there twice.`, { parameter: cut(name) })
    given.set(name, value)
  }
  return given
}

export function readBody(json: unknown): ReadonlyMap<string, unknown> | Problem {
  if (json === undefined) return new Map()
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return new Problem('INVALID_PARAMETER', 'The body must be a JSON object.')
  return new Map(Object.entries(json))
}

function unknown(name: string, parameters: Parameters): Problem {
  const names = Object.keys(parameters)
  const known = names.length === 0 ? 'This takes no parameters' : `There are ${names.join(', ')}`
  return new Problem('INVALID_PARAMETER', `There is no parameter ${cut(name)} here. ${known}.`, {
    parameter: cut(name),
  })
}

function cut(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name
}
