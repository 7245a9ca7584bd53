import { DecodeError } from './bytes.js'
import { encodedListsOf } from './encoded-lists.js'
import type { Reader } from './reader.js'
import { type Field, type Fields, includes, type StructType, type Type } from './schema.js'
import { ZERO_UUID } from './uuid.js'
import { Writer } from './writer.js'

/**
 * Makes coders for one message in one version. They are compiled with `new Function` on first use: straight code without
 * a look at the schema, as fast as code written by hand. The source is made of the schema's own names and numbers only.
 */
export type Decode = (reader: Reader) => unknown
/** Stops whenever it has read some elements; returns the message. */
export type DecodeInParts = (reader: Reader) => Generator<undefined, unknown>
export type Encode = (writer: Writer, message: unknown) => void
/** Stops whenever the writer is full, so that what is there can be taken out of it. */
export type EncodeInParts = (writer: Writer, message: unknown) => Iterable<undefined>

export function compileDecoder(fields: Fields, version: number, flexible: boolean): Decode {
  const code = new Code(version, flexible)
  const root = decodeStruct(fields, code)
  return code.link(root) as Decode
}

/** The same for messages of so many elements that they are not to be read in one turn. */
export function compilePartDecoder(fields: Fields, version: number, flexible: boolean): DecodeInParts {
  const code = new Code(version, flexible, true)
  const root = decodeStruct(fields, code)
  const decode = code.link(root)
  return code.isInParts(root) ? (decode as DecodeInParts) : atOnce(decode as Decode)
}

/** A message without arrays is one part. */
function atOnce(decode: Decode): DecodeInParts {
  // biome-ignore lint/correctness/useYield: nothing to stop at
  return function* (reader) {
    return decode(reader)
  }
}

export function compileEncoder(fields: Fields, version: number, flexible: boolean): Encode {
  const code = new Code(version, flexible)
  const root = encodeStruct(fields, code)
  return code.link(root) as Encode
}

/** The same for messages that are too large to be held as a whole, or to be written in one turn. */
export function compilePartEncoder(fields: Fields, version: number, flexible: boolean): EncodeInParts {
  const code = new Code(version, flexible, true)
  const root = encodeStruct(fields, code)
  const encode = code.link(root)
  return code.isInParts(root) ? (encode as EncodeInParts) : wholly(encode as Encode)
}

/** A message without arrays is one part. */
function wholly(encode: Encode): EncodeInParts {
  return (writer, message) => {
    encode(writer, message)
    return []
  }
}

/** Functions under construction, and the constants that they refer to. */
class Code {
  readonly #functions: string[] = []
  /** Names of those that stop where the writer is full. */
  readonly #inParts = new Set<string>()
  readonly #constants: unknown[] = []

  constructor(
    readonly version: number,
    readonly flexible: boolean,
    /** Does it stop after elements of arrays? */
    public stops = false,
  ) {}

  /** What is made meanwhile does not stop. */
  atOnce<T>(make: () => T): T {
    const { stops } = this
    this.stops = false
    const made = make()
    this.stops = stops
    return made
  }

  /** Adds a function; returns its name. */
  define(parameters: string, body: string): string {
    const name = `f${this.#functions.length}`
    const isInParts = this.stops && body.includes('yield')
    if (isInParts) this.#inParts.add(name)
    this.#functions.push(`function${isInParts ? '*' : ''} ${name} (${parameters}) {\n${body}\n}`)
    return name
  }

  isInParts(name: string): boolean {
    return this.#inParts.has(name)
  }

  call(name: string, values: string): string {
    return `${this.#inParts.has(name) ? 'yield* ' : ''}${name}(${values})`
  }

  constant(value: unknown): string {
    this.#constants.push(value)
    return `c[${this.#constants.length - 1}]`
  }

  link(root: string): unknown {
    const source = `'use strict'\n${this.#functions.join('\n')}\nreturn ${root}`
    return new Function('c', 'DecodeError', 'Writer', 'isDefault', source)(
      this.#constants,
      DecodeError,
      Writer,
      isDefault,
    )
  }

  exists({ versions }: Field<unknown>): boolean {
    return includes(versions ?? '0+', this.version)
  }

  isTagged({ tag, taggedVersions, versions }: Field<unknown>): boolean {
    return this.flexible && tag !== undefined && includes(taggedVersions ?? versions ?? '0+', this.version)
  }

  isNullable({ nullable }: Field<unknown>): boolean {
    return nullable !== undefined && includes(nullable, this.version)
  }
}

type Named = [name: string, field: Field<unknown>]

/** Ordinary fields in wire order, tagged ones by tag, as this version has them. */
function layout(fields: Fields, code: Code): { ordinary: Named[]; tagged: Named[] } {
  const present = Object.entries(fields).filter(([, field]) => code.exists(field))
  return {
    ordinary: present.filter(
      ([, field]) => field.tag === undefined || (field.taggedVersions !== undefined && !code.isTagged(field)),
    ),
    tagged: present.filter(([, field]) => code.isTagged(field)).sort(([, a], [, b]) => a.tag! - b.tag!),
  }
}

// Decoding. A struct is a function (r) => object, an array a function (r, n) => array.

function decodeStruct(fields: Fields, code: Code): string {
  const { ordinary, tagged } = layout(fields, code)
  const read = new Set(ordinary.map(([name]) => name))
  const lines = Object.entries(fields)
    .filter(([name]) => !read.has(name))
    .map(([name, field]) => `let $${name} = ${defaultCode(field, code)}`)
  lines.push(
    ...ordinary.map(([name, field]) => `const $${name} = ${decodeValue(field.type, code.isNullable(field), code)}`),
  )
  if (code.flexible) lines.push(decodeTagged(tagged, code))
  const members = Object.keys(fields).map((name) => `${name}: $${name}`)
  return code.define('r', `${lines.join('\n')}\nreturn { ${members.join(', ')} }`)
}

function decodeTagged(tagged: Named[], code: Code): string {
  const cases = tagged.map(([name, field]) => `case ${field.tag}: $${name} = ${decodeTaggedValue(field, code)}; break`)
  return `for (let n = r.uvarint(); n > 0; n--) {
  const tag = r.uvarint(), size = r.uvarint(), end = r.take(size) + size
  ${cases.length > 0 ? `r.position = end - size\nswitch (tag) { ${cases.join('\n')} }\nif (r.position > end) throw new DecodeError('A tagged field is longer than it says')` : ''}
  r.position = end
}`
}

/** A nullable struct begins with an unsigned varint inside a tagged field, with an int8 elsewhere. */
function decodeTaggedValue(field: Field<unknown>, code: Code): string {
  if (isStruct(field.type) && code.isNullable(field))
    return `r.uvarint() === 0 ? null : ${code.call(decodeStruct(field.type.fields, code), 'r')}`
  return decodeValue(field.type, code.isNullable(field), code)
}

function decodeValue(type: Type, nullable: boolean, code: Code): string {
  if (typeof type === 'string') return `r.${reading(type, nullable, code.flexible)}()`
  if (isStruct(type)) {
    const decode = code.call(decodeStruct(type.fields, code), 'r')
    return nullable ? `(r.int8() < 0 ? null : ${decode})` : decode
  }
  const least = Math.max(1, leastSize(type.of, code))
  const element = decodeValue(type.of, false, code)
  const body = `${nullable ? 'if (n < 0) return null\n' : ''}r.count(n, ${least})\nconst a = []\nfor (; n > 0; n--) { a.push(${element})${code.stops ? '; if (r.isTired()) yield' : ''} }\nreturn a`
  return code.call(code.define('r, n', body), `r, ${code.flexible ? 'r.uvarint() - 1' : 'r.int32()'}`)
}

function reading(type: string, nullable: boolean, flexible: boolean): string {
  const base = type === 'records' ? 'bytes' : type
  if (base !== 'string' && base !== 'bytes') return base
  const words = [...(nullable ? ['nullable'] : []), ...(flexible ? ['compact'] : []), base]
  return words.map((word, at) => (at === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('')
}

// Encoding. A struct is a function (w, m), an array a function (w, a).

function encodeStruct(fields: Fields, code: Code): string {
  const { ordinary, tagged } = layout(fields, code)
  const lines = ordinary.map(([name, field]) =>
    encodeValue(valueCode(name, field, code), field.type, code.isNullable(field), code),
  )
  if (code.flexible) lines.push(encodeTagged(tagged, code))
  return code.define('w, m', lines.join('\n'))
}

function valueCode(name: string, field: Field<unknown>, code: Code): string {
  return `(m.${name} === undefined ? ${defaultCode(field, code)} : m.${name})`
}

/** Each tagged value is written on its own first: its size stands before it. Defaults are left out. */
function encodeTagged(tagged: Named[], code: Code): string {
  if (tagged.length === 0) return 'w.uvarint(0)'
  const lines = tagged.map(([name, field]) => {
    const encode = code.define('w, v', encodeTaggedValue(field, code))
    const isSet = `m.${name} !== undefined && !isDefault(m.${name}, ${code.constant(defaultValue(field, code))})`
    return `if (${isSet}) { const t = new Writer(64); ${code.call(encode, `t, m.${name}`)}; tags.push([${field.tag}, t.whole()]) }`
  })
  const write = 'for (const [tag, bytes] of tags) { w.uvarint(tag); w.uvarint(bytes.length); w.raw(bytes) }'
  return `const tags = []\n${lines.join('\n')}\nw.uvarint(tags.length)\n${write}`
}

function encodeTaggedValue(field: Field<unknown>, code: Code): string {
  const nullable = code.isNullable(field)
  if (!isStruct(field.type) || !nullable) return encodeValue('v', field.type, nullable, code)
  return `if (v === null) w.uvarint(0); else { w.uvarint(1); ${code.call(encodeStruct(field.type.fields, code), 'w, v')} }`
}

function encodeValue(value: string, type: Type, nullable: boolean, code: Code): string {
  if (typeof type === 'string') return `w.${writing(type, nullable, code.flexible)}(${value})`
  if (isStruct(type)) {
    const encode = encodeStruct(type.fields, code)
    return nullable
      ? `{ const v = ${value}; if (v === null) w.int8(-1); else { w.int8(1); ${code.call(encode, 'w, v')} } }`
      : code.call(encode, `w, ${value}`)
  }
  const none = nullable ? `if (a === null) { w.${code.flexible ? 'uvarint(0)' : 'int32(-1)'}; return }\n` : ''
  const count = code.flexible ? 'w.uvarint(a.length + 1)' : 'w.int32(a.length)'
  const body = `${none}${count}\n${encodeElements(type.of, code)}`
  return code.call(code.define('w, a', body), `w, ${value}`)
}

/** Structs of a frozen array are encoded once in each version. */
function encodeElements(type: Type, code: Code): string {
  if (!isStruct(type)) return encodeEach(type, code)
  const known = code.constant(encodedListsOf(type, code.version))
  const encode = code.atOnce(() => code.define('w, a', encodeEach(type, code)))
  if (code.stops)
    return `if (Object.isFrozen(a)) { yield* ${known}.writeInParts(w, a, ${encode}); return }\n${encodeEach(type, code)}`
  return `if (Object.isFrozen(a)) w.large(${known}.of(a, ${encode}, w)); else ${encode}(w, a)`
}

function encodeEach(type: Type, code: Code): string {
  const element = encodeValue('e', type, false, code)
  return `for (let i = 0; i < a.length; i++) { const e = a[i]; ${element}${code.stops ? '; if (w.isFull) yield' : ''} }`
}

function writing(type: string, nullable: boolean, flexible: boolean): string {
  if (type === 'bytes' || type === 'records')
    return flexible ? `compact${type[0]!.toUpperCase()}${type.slice(1)}` : type
  return reading(type, nullable && type === 'string', flexible)
}

// What both need to know of a type.

function isStruct(type: Type): type is StructType {
  return typeof type === 'object' && type.kind === 'struct'
}

/** Fewest bytes of a value: bounds what a claimed count can make a decoder allocate. */
function leastSize(type: Type, code: Code): number {
  if (isStruct(type)) {
    const { ordinary } = layout(type.fields, code)
    const sizes = ordinary.map(([, field]) =>
      isStruct(field.type) && code.isNullable(field) ? 1 : leastSize(field.type, code),
    )
    return sizes.reduce((sum, size) => sum + size, code.flexible ? 1 : 0)
  }
  if (typeof type === 'object') return code.flexible ? 1 : 4
  return leastSizes[type] ?? (code.flexible ? 1 : type === 'string' ? 2 : 4)
}

const leastSizes: Partial<Record<string, number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
}

/** The default as an expression: scalars in place, lists and structs made anew each time. */
function defaultCode(field: Field<unknown>, code: Code): string {
  const value = defaultValue(field, code)
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
    return JSON.stringify(value)
  if (Array.isArray(value)) return '[]'
  return code.constant(value)
}

function defaultValue(field: Field<unknown>, code: Code): unknown {
  if (field.default !== undefined) return field.default
  const { type } = field
  if (isStruct(type))
    return Object.fromEntries(Object.entries(type.fields).map(([name, member]) => [name, defaultValue(member, code)]))
  if (typeof type === 'object') return []
  return scalarDefaults[type] ?? 0
}

const scalarDefaults: Partial<Record<string, unknown>> = {
  bool: false,
  string: '',
  uuid: ZERO_UUID,
  bytes: Buffer.alloc(0),
  records: Buffer.alloc(0),
}

/** Whether a tagged value is its default, member by member; members that are left out are theirs. */
function isDefault(value: unknown, standard: unknown): boolean {
  if (value === standard) return true
  if (value === null || standard === null || typeof value !== 'object' || typeof standard !== 'object') return false
  if (Buffer.isBuffer(value)) return Buffer.isBuffer(standard) && value.equals(standard)
  if (Array.isArray(value)) return Array.isArray(standard) && value.length === 0 && standard.length === 0
  return Object.entries(value).every(
    ([name, member]) => member === undefined || isDefault(member, (standard as Record<string, unknown>)[name]),
  )
}
