import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Api,
  contiguous,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  type Fields,
  hasField,
  TooManyElements,
} from '@rivven/protocol'
import { allHandlers } from '../../src/handlers/all-handlers.js'
import { elementLimit, tooLargeAnswer } from '../../src/net/element-limits.js'

const apis = allHandlers.map(({ api }) => api)
const versionsOf = ({ versions: { min, max } }: Api) => Array.from({ length: max - min + 1 }, (_, at) => min + at)

/** The arrays of a message itself, in a version. */
function arraysOf(fields: Fields, version: number): string[] {
  return Object.entries(fields).flatMap(([name, { type }]) =>
    typeof type === 'object' && type.kind === 'array' && hasField(fields, name, version) ? [name] : [],
  )
}

/** Elements with their defaults. */
function elements(fields: Fields, name: string, count: number): unknown[] {
  const { type } = fields[name] as { type: { kind: 'array'; of: unknown } }
  const element = typeof type.of === 'object' ? {} : type.of === 'string' ? '' : 0
  return Array.from({ length: count }, () => element)
}

function frameOf(api: Api, version: number, request: object): Buffer {
  return Buffer.concat(encodeRequest(api, version, { correlationId: 1, clientId: 'c' }, request)).subarray(4)
}

function decoded(api: Api, version: number, frame: Buffer, limit: number): unknown {
  return decodeRequest(api, version, frame, decodeRequestHeader(frame).bodyOffset, limit)
}

test('somebody has decided how many elements a request of each API may have', () => {
  for (const api of apis) assert.notEqual(elementLimit(api, 100_000), undefined, `element-limits.ts lacks ${api.name}`)
})

test('every array of every version counts', () => {
  for (const api of apis) {
    for (const version of versionsOf(api)) {
      for (const name of arraysOf(api.request, version)) {
        const frame = frameOf(api, version, { [name]: elements(api.request, name, 11) })
        assert.throws(() => decoded(api, version, frame, 10), TooManyElements, `${api.name} ${version} ${name}`)
        decoded(api, version, frame, 11)
      }
    }
  }
})

test('elements of nested arrays count together with those they are in', () => {
  const api = apis.find(({ name }) => name === 'OffsetCommit') as Api
  const topics = Array.from({ length: 4 }, () => ({ partitions: [{}, {}, {}] }))
  const frame = frameOf(api, 8, { topics })
  assert.throws(() => decoded(api, 8, frame, 15), TooManyElements)
  decoded(api, 8, frame, 16)
})

test('the refusal can be sent in every version that has an error for the whole request', () => {
  for (const api of apis) {
    for (const version of versionsOf(api)) {
      const answer = tooLargeAnswer(api, version, 10)
      assert.equal(answer !== undefined, hasField(api.response, 'errorCode', version))
      if (!answer) continue
      const frame = contiguous(encodeResponse(api, version, 7, answer)).subarray(4)
      assert.equal((decodeResponse(api, version, frame).message as { errorCode: number }).errorCode, 42)
    }
  }
})
