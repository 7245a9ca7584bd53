import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonLines } from '../../src/records/json-lines.js'

test('JSON gets a line for each part, and no number is read', () => {
  const text = '{"id":9007199254740993,"amount":1.50,"tags":[],"who":{"a":null, "b": {}},"list":[1,[2]]}'
  assert.deepEqual(jsonLines(text), [
    '{',
    '  "id": 9007199254740993,',
    '  "amount": 1.50,',
    '  "tags": [],',
    '  "who": {',
    '    "a": null,',
    '    "b": {}',
    '  },',
    '  "list": [',
    '    1,',
    '    [',
    '      2',
    '    ]',
    '  ]',
    '}',
  ])
})

test('what strings hold is no structure', () => {
  assert.deepEqual(jsonLines('["a,{\\"b\\": [1]}", "\\\\"]'), ['[', '  "a,{\\"b\\": [1]}",', '  "\\\\"', ']'])
})

test('a text that ends in the middle is laid out as far as it goes', () => {
  assert.deepEqual(jsonLines('{"a":"no en'), ['{', '  "a": "no en'])
  assert.deepEqual(jsonLines('{"a":"no en\\'), ['{', '  "a": "no en\\'])
})

test('what only looks like JSON stays as it is', () => {
  assert.deepEqual(jsonLines('{hello  world}\n{}'), ['{hello  world}', '{}'])
  assert.deepEqual(jsonLines(']]'), ['', ']', ']'])
})

test('however deep a text is, its lines do not go in without end', () => {
  const lines = jsonLines('['.repeat(5_000))
  assert.ok(lines.every((line) => line.length <= 42))
})
