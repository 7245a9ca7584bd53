import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Api,
  allApis,
  DecodeError,
  decodeBody,
  decodeRequestInParts,
  encodeBody,
  type Fields,
} from '@rivven/protocol'
import fc from 'fast-check'
import { includes, type Scalar, type Type } from '../src/schema.js'

// Random messages of every API, version and direction. A failure prints its seed; SEED=n plays it again.
const seed = Number(process.env.SEED ?? 20260)
const directions = ['request', 'response'] as const

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const scalars: Record<Scalar, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  uint16: fc.integer({ min: 0, max: 65_535 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int64: fc.maxSafeInteger(),
  float64: fc.double({ noNaN: true }),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((array) => Buffer.from(array).toString('base64url')),
  string: fc.string({ unit: 'grapheme', maxLength: 150 }),
  bytes,
  records: bytes,
}

/** What a message of this version can say: the fields that the version has. */
function messageOf(fields: Fields, version: number): fc.Arbitrary<unknown> {
  const present = Object.entries(fields).filter(([, { versions }]) => includes(versions ?? '0+', version))
  const values = present.map(([name, field]) => {
    const value = valueOfType(field.type, version)
    const isNullable = field.nullable !== undefined && includes(field.nullable, version)
    return [name, isNullable ? fc.option(value) : value]
  })
  return fc.record(Object.fromEntries(values), { noNullPrototype: true })
}

function valueOfType(type: Type, version: number): fc.Arbitrary<unknown> {
  if (typeof type === 'string') return scalars[type]
  if (type.kind === 'struct') return messageOf(type.fields, version)
  return fc.array(valueOfType(type.of, version), { maxLength: 3 })
}

/** The decoded message without the fields that this version lacks. */
function only(decoded: unknown, given: unknown): unknown {
  if (Array.isArray(given)) return given.map((element, at) => only((decoded as unknown[])[at], element))
  if (given === null || typeof given !== 'object' || Buffer.isBuffer(given)) return decoded
  const fields = decoded as Record<string, unknown>
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, only(fields[name], value)]))
}

function freezeLists(message: unknown): void {
  if (message === null || typeof message !== 'object' || Buffer.isBuffer(message)) return
  if (Array.isArray(message)) Object.freeze(message)
  for (const value of Object.values(message)) freezeLists(value)
}

function versionsOf({ versions }: Api): number[] {
  return Array.from({ length: versions.max - versions.min + 1 }, (_, at) => versions.min + at)
}

function readInParts(api: Api, version: number, body: Buffer): unknown {
  const reading = decodeRequestInParts(api, version, body, 0)
  for (let step = reading.next(); ; step = reading.next()) if (step.done) return step.value
}

for (const api of allApis) {
  test(`${api.name}: what is written is read again, in every version and direction`, () => {
    for (const version of versionsOf(api)) {
      for (const direction of directions) {
        const property = fc.property(messageOf(api[direction], version), (given) => {
          const written = encodeBody(api, version, direction, given)
          const { message, size } = decodeBody(api, version, direction, written)
          assert.equal(size, written.length)
          assert.deepEqual(only(message, given), given, `${api.name} v${version} ${direction}`)
          assert.deepEqual(encodeBody(api, version, direction, message), written)
          if (direction === 'request') assert.deepEqual(readInParts(api, version, written), message)
          // Frozen lists are encoded once, to the same bytes.
          freezeLists(message)
          assert.deepEqual(encodeBody(api, version, direction, message), written)
          assert.deepEqual(encodeBody(api, version, direction, message), written)
        })
        fc.assert(property, { seed, numRuns: 10 })
      }
    }
  })
}

test('random bytes are a message or a DecodeError, in every API', () => {
  const noise = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
  const property = fc.property(
    fc.constantFrom(...allApis),
    fc.constantFrom(...directions),
    noise,
    (api, direction, body) => {
      for (const version of versionsOf(api)) {
        try {
          decodeBody(api, version, direction, body)
        } catch (error) {
          assert.ok(error instanceof DecodeError, `${api.name} v${version} ${direction}: ${error}`)
        }
      }
    },
  )
  fc.assert(property, { seed, numRuns: 3000 })
})
