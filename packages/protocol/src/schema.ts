import type { RecordData } from './bytes.js'

/**
 * How a message is described: once, with the versions in which each field exists. Types follow from the description
 * (`RequestOf`, `ResponseOf`), coders are compiled from it (compile.ts). Names and defaults are those of Kafka's message
 * definitions. Version ranges are texts: '3+', '0-4', '12'.
 */
export type Versions = string

export type Scalar =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records'

export type Type = Scalar | StructType | ArrayType
export interface StructType {
  kind: 'struct'
  fields: Fields
}
export interface ArrayType {
  kind: 'array'
  of: Type
}

export interface FieldOptions {
  /** Versions that have the field; default: all. */
  versions?: Versions
  /** Versions in which it may be null; default: none. */
  nullable?: Versions
  /** Value in versions without it, and when the sender leaves it out. Default: 0, '', false, [], empty bytes. */
  default?: unknown
  /** Number of a tagged field. */
  tag?: number
  /** Versions in which it is tagged, where it is an ordinary field in others; default: `versions`. */
  taggedVersions?: Versions
}

export interface Field<T> extends FieldOptions {
  type: Type
  /** Only for the type system. */
  readonly value?: T
}
export type Fields = Readonly<Record<string, Field<unknown>>>

type Nullable<O, T> = O extends { nullable: string } ? T | null : T
type ValueOf<F> = F extends Field<infer T> ? T : never
export type Message<S extends Fields> = { -readonly [K in keyof S]: ValueOf<S[K]> }

/** A message to encode: a field that is left out has its default. */
export type Partially<T> = T extends Buffer | Uint8Array
  ? T
  : T extends readonly (infer E)[]
    ? readonly Partially<E>[]
    : T extends object
      ? { readonly [K in keyof T]?: Partially<T[K]> }
      : T

const scalar =
  <T>(type: Scalar) =>
  <const O extends FieldOptions>(options?: O): Field<Nullable<O, T>> =>
    ({ type, ...options }) as Field<Nullable<O, T>>

export const bool = scalar<boolean>('bool')
export const int8 = scalar<number>('int8')
export const int16 = scalar<number>('int16')
export const uint16 = scalar<number>('uint16')
export const int32 = scalar<number>('int32')
export const uint32 = scalar<number>('uint32')
export const int64 = scalar<number>('int64')
export const float64 = scalar<number>('float64')
export const uuid = scalar<string>('uuid')
export const string = scalar<string>('string')
export const bytes = scalar<Buffer>('bytes')
export const records = scalar<RecordData>('records')

export function struct<const S extends Fields, const O extends FieldOptions>(
  fields: S,
  options?: O,
): Field<Nullable<O, Message<S>>> {
  return { type: { kind: 'struct', fields }, ...options } as Field<Nullable<O, Message<S>>>
}

/** An array of structs. */
export function structs<const S extends Fields, const O extends FieldOptions>(
  fields: S,
  options?: O,
): Field<Nullable<O, Message<S>[]>> {
  return { type: { kind: 'array', of: { kind: 'struct', fields } }, ...options } as Field<Nullable<O, Message<S>[]>>
}

/** An array of scalars: `array(int32())`. */
export function array<T, const O extends FieldOptions>(of: Field<T>, options?: O): Field<Nullable<O, T[]>> {
  return { type: { kind: 'array', of: of.type }, ...options } as Field<Nullable<O, T[]>>
}

export interface ApiDefinition<Request extends Fields, Response extends Fields> {
  key: number
  name: string
  /** Versions that can be read and written. */
  versions: Versions
  /** Versions with compact lengths and tagged fields, or 'none'. */
  flexible: Versions
  request: Request
  response: Response
}

export interface Range {
  readonly min: number
  readonly max: number
}

export interface Api<Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly key: number
  readonly name: string
  readonly versions: Range
  /** First flexible version; Infinity if there is none. */
  readonly flexibleSince: number
  readonly request: Request
  readonly response: Response
}

export type RequestOf<A> = A extends Api<infer Request, Fields> ? Message<Request> : never
export type ResponseOf<A> = A extends Api<Fields, infer Response> ? Message<Response> : never

export function api<const Request extends Fields, const Response extends Fields>(
  definition: ApiDefinition<Request, Response>,
): Api<Request, Response> {
  const { key, name, request, response } = definition
  return {
    key,
    name,
    versions: rangeOf(definition.versions),
    flexibleSince: rangeOf(definition.flexible).min,
    request,
    response,
  }
}

/** Reads '3+', '0-4', '12' and 'none'. */
export function rangeOf(versions: Versions): Range {
  if (versions === 'none') return { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY }
  const [min, max] = versions.split(/[+-]/)
  if (versions.endsWith('+')) return { min: Number(min), max: Number.POSITIVE_INFINITY }
  return { min: Number(min), max: Number(max ?? min) }
}

export function includes(versions: Versions, version: number): boolean {
  const { min, max } = rangeOf(versions)
  return version >= min && version <= max
}

/** Whether a message has this field itself (not within another) in a version. */
export function hasField(fields: Fields, name: string, version: number): boolean {
  const field = fields[name]
  return field !== undefined && includes(field.versions ?? '0+', version)
}
