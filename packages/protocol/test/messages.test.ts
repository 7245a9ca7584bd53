import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type Api,
  allApis,
  contiguous,
  DecodeError,
  decodeBody,
  encodeBody,
  encodeResponse,
  responseInParts,
} from '@rivven/protocol'

const folder = join(import.meta.dirname, '../../test/vectors/messages')

interface Vector {
  version: number
  direction: 'request' | 'response'
  case: string
  json: unknown
  base64: string
  roundTrip?: boolean
}

/** Kafka's message as ours: bytes as buffers. Fields that Kafka's JSON leaves out count as equal to our defaults. */
function assertSame(actual: unknown, expected: unknown, path: string): void {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${path} is a list`)
    assert.equal(actual.length, expected.length, path)
    for (const [at, element] of expected.entries()) assertSame(actual[at], element, `${path}[${at}]`)
  } else if (expected !== null && typeof expected === 'object') {
    for (const [name, value] of Object.entries(expected))
      assertSame((actual as Record<string, unknown>)[name], value, `${path}.${name}`)
  } else if (Buffer.isBuffer(actual)) {
    assert.equal(actual.toString('base64'), expected, path)
  } else {
    assert.deepEqual(actual, expected, path)
  }
}

for (const file of readdirSync(folder)) {
  const vectors = (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { cases: Vector[] }).cases
  const api = allApis.find(({ name }) => `${name}.json` === file) as Api
  test(`${api.name} is written and read like Kafka in each version`, () => {
    for (const vector of vectors) {
      const { version, direction } = vector
      const where = `${api.name} ${direction} v${version} ${vector.case}`
      const bytes = Buffer.from(vector.base64, 'base64')
      const { message, size } = decodeBody(api, version, direction, bytes)
      assert.equal(size, bytes.length, `${where}: all bytes are used`)
      assertSame(message, vector.json, where)
      if (vector.roundTrip !== false)
        assert.equal(encodeBody(api, version, direction, message).toString('base64'), vector.base64, where)
    }
  })
  test(`${api.name}: an answer is the same in parts as in one piece`, () => {
    for (const { version, direction, base64 } of vectors) {
      if (direction !== 'response') continue
      const { message } = decodeBody(api, version, direction, Buffer.from(base64, 'base64'))
      const inParts = Array.from(responseInParts(api, version, 7, message as object), (part) => Buffer.from(part))
      const inOne = contiguous(encodeResponse(api, version, 7, message as object)).subarray(4)
      assert.ok(Buffer.concat(inParts).equals(inOne), `${api.name} v${version}`)
    }
  })
  test(`${api.name} cut short anywhere is refused as such`, () => {
    for (const { version, direction, base64 } of vectors.filter(
      (vector) => vector.case === 'edges' || vector.case === 'filled',
    )) {
      const bytes = Buffer.from(base64, 'base64')
      for (let end = 0; end < bytes.length; end++) {
        assert.throws(() => decodeBody(api, version, direction, bytes.subarray(0, end)), DecodeError)
      }
    }
  })
}
