import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  absent,
  boolean,
  double,
  int,
  listOf,
  long,
  oneOf,
  type Setting,
  text,
  Unfit,
} from '../../src/config/setting.js'

const small = int(1, '', { min: 0, max: 9 })
const share = double(0.5, '', { min: 0, max: 1 })
const policy = listOf(['delete', 'compact'], 'delete', '')

const good: [string, Setting, unknown, unknown][] = [
  ['a number', small, 9, 9],
  ['its text', small, '+7', 7],
  ['Kafka’s never', long(0, ''), '9223372036854775807', 2 ** 63],
  ['true', boolean(false, ''), true, true],
  ['its text', boolean(true, ''), 'false', false],
  ['a share', share, '0.25', 0.25],
  ['a text', text('', ''), '', ''],
  ['a word', oneOf(['a', 'b'], 'a', ''), 'b', 'b'],
  ['a list', policy, 'compact, delete', 'compact, delete'],
  ['YAML’s list', policy, ['compact', 'delete'], 'compact,delete'],
  ['what is not there, refused in YAML', absent(''), false, false],
  ['what is not there, refused as text', absent(''), 'false', false],
]
for (const [what, setting, given, value] of good) {
  test(`${setting.type}: ${what} is taken`, () => assert.equal(setting.read(given), value))
}

const bad: [string, Setting, unknown, string][] = [
  ['a fraction', small, 1.5, 'must be a whole number'],
  ['a word', small, '1\0', 'must be a whole number'],
  ['nothing', small, null, 'must be a whole number'],
  ['too little', small, '-1', 'must be 0 or more'],
  ['too much', small, 10, 'must be 9 or less'],
  ['no number', small, Number.NaN, 'must be a whole number'],
  ['beyond 64 bits', long(0, ''), '9223372036854779999999', 'must fit into 64 bits'],
  ['another word', boolean(true, ''), 'yes', 'must be true or false'],
  ['a wrong share', share, 2, 'must be between 0 and 1'],
  ['no share', share, '-0.5', 'must be a number'],
  ['a number', text('', ''), 7, 'must be a text'],
  ['an unknown word', oneOf(['a', 'b'], 'a', ''), 'c', 'must be one of a, b'],
  ['an unknown item', policy, 'delete,forget', 'must be a list of delete, compact'],
  ['a wish', absent(''), 'true', 'must be false: this broker does not have it'],
]
for (const [what, setting, given, because] of bad) {
  test(`${setting.type}: ${what} is refused with what it must be`, () => {
    assert.deepEqual(setting.read(given), new Unfit(because))
  })
}
