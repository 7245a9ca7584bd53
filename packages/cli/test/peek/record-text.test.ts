import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seenBytes } from '@rivven/protocol'
import type { PeekedRecord } from '../../src/peek/peeked-record.js'
import { recordText } from '../../src/peek/record-text.js'

interface Parts {
  key?: Buffer
  value?: Buffer | null
  headers?: [string, string | null][]
  timestamp?: number
  mark?: PeekedRecord['mark']
}

function linesOf({ key, value = Buffer.from('v'), headers = [], timestamp = 0, mark = null }: Parts): string[] {
  const record: PeekedRecord = {
    ...{ topic: 't', partition: 1, offset: 42, timestamp, mark },
    key: key ? seenBytes(key, 'key') : null,
    value: value && seenBytes(value, 'value'),
    headers: headers.map(([key, text]) => ({
      key,
      value: text === null ? null : seenBytes(Buffer.from(text), 'value'),
    })),
  }
  return recordText(record).trimEnd().split('\n')
}

const long = Buffer.alloc(8)
long.writeBigInt64BE(9007199254740993n)

for (const [what, parts, expected] of [
  ['text', {}, ['t/1 at 42, 1970-01-01T00:00:00.000Z', '  value: v']],
  [
    'a key and headers',
    {
      key: Buffer.from('k'),
      headers: [
        ['h', 'x'],
        ['n', null],
      ],
    },
    ['  key: k', '  header h: x', '  header n: none', '  value: v'],
  ],
  ['an integer as key', { key: long }, ['  key: 9007199254740993 (int64)', '  value: v']],
  ['a tombstone', { value: null }, ['  value: none, a tombstone']],
  ['JSON', { value: Buffer.from('{"a":1}') }, ['  value: JSON, 7 bytes', '    {', '      "a": 1', '    }']],
  ['a text of lines', { value: Buffer.from('a\nb') }, ['  value: text, 3 bytes', '    a', '    b']],
  ['bytes', { value: Buffer.from([0xff, 0x41]) }, ['  value: 2 bytes', `    0000  ff 41${' '.repeat(44)}.A`]],
  [
    'a schema',
    { value: Buffer.from([0, 0, 0, 0, 7, 0xff]) },
    ['  value: schema 7, 6 bytes', `    0000  00 00 00 00 07 ff${' '.repeat(32)}......`],
  ],
  ['what moves a cursor', { value: Buffer.from('\u202ea\u001b[2J') }, ['  value: \\u202ea\\x1b[2J']],
  [
    'an aborted one',
    { mark: 'aborted' },
    ['t/1 at 42, 1970-01-01T00:00:00.000Z, of a transaction that was aborted', '  value: v'],
  ],
  ['no time', { timestamp: -1 }, ['t/1 at 42, no time', '  value: v']],
  [
    'a time that no calendar has',
    { timestamp: 2 ** 53 - 1 },
    ['t/1 at 42, 9007199254740991 ms since 1970', '  value: v'],
  ],
] as const satisfies readonly (readonly [string, Parts, readonly string[]])[]) {
  test(`a record with ${what} is shown so that people can read it`, () => {
    assert.deepEqual(linesOf(parts as Parts).slice(-expected.length), expected)
  })
}

test('of a large value the beginning is shown, and where the rest is', () => {
  const lines = linesOf({ value: Buffer.alloc(5_000, 0xff) })
  assert.equal(lines.length, 20)
  assert.deepEqual(lines.slice(-2), [
    '    … 4744 bytes more',
    '  Only the beginning is shown: `rivvenctl consume t --partition 1 --offset 42 -n 1` writes all of it.',
  ])
})
