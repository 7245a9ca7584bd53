/**
 * One value of an answer: what it is in words, for the reference page, in a type, and as a check that tests hold answers to. So none
 * of the three can say what the others do not.
 */
export interface Field<Value = unknown> {
  /** `text`, `list of GroupRow`, `number or null`. */
  readonly type: string
  readonly about: string
  /** What it is made of. */
  readonly parts?: Shape | undefined
  /** How a value is not as it should be, with the place in front; undefined: it is. */
  misfit(value: unknown): string | undefined
  /** Never there: carries the type. */
  readonly told?: Value
}

export type Fields = Readonly<Record<string, Field>>

/** A JSON object with a name. */
export interface Shape<F extends Fields = Fields> {
  readonly name: string
  readonly fields: F
}

/** What answers of a shape look like in TypeScript. */
export type Told<S> =
  S extends Shape<infer F> ? { readonly [Name in keyof F]: F[Name] extends Field<infer Value> ? Value : never } : never

export function shape<const F extends Fields>(name: string, fields: F): Shape<F> {
  return { name, fields }
}

function simple<Value>(type: string, about: string, isRight: (value: unknown) => boolean): Field<Value> {
  return { type, about, misfit: (value) => (isRight(value) ? undefined : ` is no ${type}`) }
}

export function text(about: string): Field<string> {
  return simple('text', about, (value) => typeof value === 'string')
}

export function number(about: string): Field<number> {
  return simple('number', about, (value) => Number.isFinite(value))
}

export function flag(about: string): Field<boolean> {
  return simple('true or false', about, (value) => typeof value === 'boolean')
}

/** One of some words. */
export function word<const Word extends string>(words: readonly Word[], about: string): Field<Word> {
  const type = words.map((one) => `\`${one}\``).join(', ')
  return simple(type, about, (value) => words.some((one) => one === value))
}

/** What has a form of its own, told elsewhere. */
export function other<Value>(type: string, about: string): Field<Value> {
  return simple(type, about, (value) => value !== undefined)
}

export function nullable<Value>(field: Field<Value>): Field<Value | null> {
  return {
    ...(field as Field<Value | null>),
    type: `${field.type} or null`,
    misfit: (value) => (value === null ? undefined : field.misfit(value)),
  }
}

export function list<Value>(item: Field<Value>): Field<readonly Value[]> {
  return {
    type: `list of ${item.type}`,
    about: item.about,
    parts: item.parts,
    misfit(value) {
      if (!Array.isArray(value)) return ' is no list'
      for (const [at, one] of value.entries()) {
        const fault = item.misfit(one)
        if (fault !== undefined) return `[${at}]${fault}`
      }
      return undefined
    },
  }
}

/** An object whose names are no fields: texts by name. */
export function texts(about: string): Field<Readonly<Record<string, string>>> {
  const isText = (value: unknown): boolean => typeof value === 'string'
  return simple(
    'texts by name',
    about,
    (value) => Object(value) === value && Object.values(value as object).every(isText),
  )
}

export function one<F extends Fields>(parts: Shape<F>, about: string): Field<Told<Shape<F>>> {
  return { type: parts.name, about, parts, misfit: (value) => misfitOf(parts, value) }
}

/** How a value is not of this shape: a field that is missing, is another thing, or is not told of. */
export function misfitOf({ name, fields }: Shape, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ` is no ${name}`
  for (const key of Object.keys(value)) if (!Object.hasOwn(fields, key)) return `.${key} is no field of ${name}`
  for (const [key, field] of Object.entries(fields)) {
    const fault = field.misfit((value as Record<string, unknown>)[key])
    if (fault !== undefined) return `.${key}${fault}`
  }
  return undefined
}
