import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seenBytes } from '@rivven/protocol'
import { recordTime } from '../src/record/record-time.js'
import { kindText, oneLine, textLines, valueLines, wholeLines } from '../src/record/value-lines.js'

const cases: readonly [what: string, bytes: Buffer, role: 'key' | 'value', kind: string, lines: string[]][] = [
  [
    'JSON in lines, its numbers as they were written',
    Buffer.from('{"id":12345678901234567890,"x":1.50}'),
    'value',
    'JSON',
    ['{', '  "id": 12345678901234567890,', '  "x": 1.50', '}'],
  ],
  ['what would be a script is text', Buffer.from('<script>'), 'value', 'text', ['<script>']],
  [
    'what turns text around is seen, in JSON as well',
    Buffer.from('{"a":"\u202eb"}'),
    'value',
    'JSON',
    ['{', '  "a": "\\u202eb"', '}'],
  ],
  ['NUL is seen', Buffer.from('a\0b'), 'value', 'text', ['a\\u0000b']],
  ['lines and tabs stay', Buffer.from('a\tb\r\nc'), 'value', 'text', ['a\tb', 'c']],
  ['a key of 4 bytes', Buffer.from([0xff, 0xff, 0xff, 0xfe]), 'key', 'int32', ['-2']],
  ['a key of 8 bytes', Buffer.from('7fffffffffffffff', 'hex'), 'key', 'int64', ['9223372036854775807']],
  [
    'a value with the id of a schema',
    Buffer.from([0, 0, 0, 0, 7, 2, 0x41]),
    'value',
    'schema 7',
    [`0000  00 00 00 00 07 02 41${' '.repeat(27)}  ......A`],
  ],
  ['bytes', Buffer.from([0xff, 0x41]), 'value', 'bytes', [`0000  ff 41${' '.repeat(42)}  .A`]],
  ['nothing', Buffer.alloc(0), 'value', 'text', ['']],
]

for (const [what, bytes, role, kind, lines] of cases) {
  test(`contents of records are shown: ${what}`, () => {
    const value = seenBytes(bytes, role)
    assert.equal(kindText(value), kind)
    assert.deepEqual(valueLines(value), lines)
    if (role === 'value') assert.deepEqual(wholeLines(value.kind, bytes), lines)
  })
}

test('a whole value that is text to its middle only is shown as bytes', () => {
  const bytes = Buffer.concat([Buffer.from('{"a":'), Buffer.from([0xff])])
  assert.match(wholeLines('text', bytes)[0] ?? '', /^0000 {2}7b 22 61 22 3a ff/)
})

test('of a value a line is shown, and that there is more', () => {
  assert.equal(oneLine(null), '–')
  assert.equal(oneLine(seenBytes(Buffer.from('a\nb'), 'value')), 'a\\u000ab')
  assert.equal(oneLine(seenBytes(Buffer.from('abcdef'), 'value'), 3), 'abc…')
  assert.equal(oneLine(seenBytes(Buffer.from([0xff, 0]), 'value')), '0xff00')
  assert.equal(oneLine(seenBytes(Buffer.alloc(5000, 0xff), 'value'), 10), '0xffffffff…')
})

test('no text leaves anything unseen', () => {
  assert.deepEqual(textLines('a\u2028b\u200bc\ufeff'), ['a\\u2028b\\u200bc\\ufeff'])
})

test('a timestamp that no calendar has is told as a number', () => {
  assert.equal(recordTime(-1), 'no time')
  assert.equal(recordTime(0), '1970-01-01 00:00:00.000 UTC')
  assert.equal(recordTime(9_007_199_254_740_991), '9007199254740991 ms since 1970')
})
