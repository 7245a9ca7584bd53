import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type Api,
  allApis,
  DecodeError,
  decodeBody,
  decodeRequestHeader,
  Fetch,
  Heartbeat,
  Metadata,
  type MetadataRequest,
  Produce,
  Reader,
} from '@rivven/protocol'

const folder = join(import.meta.dirname, '../../test/vectors/messages')

interface Vector {
  version: number
  direction: 'request' | 'response'
  case: string
  base64: string
}

function filledVectors(api: Api): Vector[] {
  const { cases } = JSON.parse(readFileSync(join(folder, `${api.name}.json`), 'utf8')) as { cases: Vector[] }
  return cases.filter((vector) => vector.case === 'filled')
}

/** Decodes, and lets through nothing but a message or a DecodeError. */
function isRefused(api: Api, version: number, direction: 'request' | 'response', bytes: Buffer): boolean {
  try {
    decodeBody(api, version, direction, bytes)
    return false
  } catch (error) {
    assert.ok(error instanceof DecodeError, `${api.name} v${version} ${direction}: ${error}`)
    return true
  }
}

/** Lengths and counts that lie: 2^31-1, -2 and the varints of 2^32-1, of no end, and of one too many. */
const lies = ['7fffffff', 'fffffffe', 'ffffffff0f', 'ffffffffffffffffff01', '808080808000'].map((hex) =>
  Buffer.from(hex, 'hex'),
)

test('every API that is declared has vectors', () => {
  assert.deepEqual(readdirSync(folder).sort(), allApis.map(({ name }) => `${name}.json`).sort())
})

test('a lie about a length or count, put anywhere in any message, leads to a DecodeError or a message, and costs little', () => {
  const before = process.memoryUsage().rss
  for (const api of allApis) {
    for (const { version, direction, base64 } of filledVectors(api)) {
      const bytes = Buffer.from(base64, 'base64')
      for (let at = 0; at < bytes.length; at++) {
        const lie = lies[at % lies.length]!
        const lying = Buffer.concat([bytes.subarray(0, at), lie, bytes.subarray(at + lie.length)])
        isRefused(api, version, direction, lying)
      }
    }
  }
  const grown = process.memoryUsage().rss - before
  assert.ok(grown < 512 * 1024 * 1024, `the process grew by ${grown} bytes`)
})

const tooMany: [name: string, api: Api, version: number, body: string][] = [
  ['topics of Metadata', Metadata as Api, 1, '7fffffff'],
  ['topics of Metadata, compact', Metadata as Api, 12, 'ffffffff07'],
  ['topics of Produce', Produce as Api, 7, `ffff0001000000007fffffff${'00'.repeat(100)}`],
  ['topics of Fetch', Fetch as Api, 4, `ffffffff00000001000000017fffffff007fffffff${'00'.repeat(100)}`],
  ['tagged fields', Heartbeat as Api, 4, '026700000001026d00ffffffff07'],
  ['bytes of a tagged field', Heartbeat as Api, 4, '026700000001026d000100ffffffff07'],
  ['a varint without end', Heartbeat as Api, 4, 'ffffffffffffffffffffffffff'],
  ['a string that is null where it may not be', Heartbeat as Api, 0, 'ffff00000001000167'],
]

for (const [name, api, version, hex] of tooMany) {
  test(`${name}: more than there is room for is refused at once`, () => {
    assert.throws(() => decodeBody(api, version, 'request', Buffer.from(hex, 'hex')), DecodeError)
  })
}

test('a negative count is null where null may be, as Kafka reads it', () => {
  const { message } = decodeBody(Metadata as Api, 4, 'request', Buffer.from('fffffffe00', 'hex'))
  assert.equal((message as MetadataRequest).topics, null)
})

test('a count is refused unless its elements can fit into what was received', () => {
  // 1,000 bytes: no more than 142 partitions of at least 7 bytes can be there, whatever the count says.
  const reader = new Reader(Buffer.alloc(1000))
  assert.equal(reader.count(142, 7), 142)
  assert.throws(() => reader.count(143, 7), DecodeError)
})

test('headers cut short anywhere are refused as such', () => {
  const header = Buffer.from('000c0004000000010004746573740102ff00', 'hex').subarray(0, 15)
  for (let end = 0; end < header.length; end++)
    assert.throws(() => decodeRequestHeader(header.subarray(0, end)), DecodeError)
  assert.equal(decodeRequestHeader(Buffer.from('000c000400000001000474657374000000', 'hex')).clientId, 'test')
})

test('an int64 beyond ±2^53 is refused, never rounded', () => {
  const read = (hex: string) => new Reader(Buffer.from(hex, 'hex')).int64()
  assert.equal(read('001fffffffffffff'), Number.MAX_SAFE_INTEGER)
  assert.equal(read('ffe0000000000001'), Number.MIN_SAFE_INTEGER)
  for (const beyond of ['0020000000000001', 'ffdfffffffffffff', '8000000000000000', '7ffffffffffffffe'])
    assert.throws(() => read(beyond), DecodeError)
})
