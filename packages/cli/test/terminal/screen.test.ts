import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keysIn } from '../../src/terminal/screen.js'

test('keys are told apart, also several at a time', () => {
  assert.deepEqual(keysIn('q'), ['q'])
  assert.deepEqual(keysIn('\u001b[A\u001b[B\u001bOA\rs\u007f'), ['up', 'down', 'up', 'enter', 's', 'escape'])
  assert.deepEqual(keysIn('\u001b'), ['escape'])
  assert.deepEqual(keysIn('\u0003'), ['interrupt'])
})

test('keys that nobody asked for are none', () => {
  assert.deepEqual(keysIn('\u001b[3~\u001b[1;5C\u0001'), [])
})
