import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandText } from '../src/command-text.js'

test('a command can be pasted into a shell, whatever groups and topics are called', () => {
  assert.equal(commandText('group delete', ['g-1']), 'rivvenctl group delete g-1')
  assert.equal(commandText('group lag', ["it's $HOME; rm"]), `rivvenctl group lag 'it'\\''s $HOME; rm'`)
  assert.equal(commandText('group lag', ['-g'], ['-b', 'a:1']), 'rivvenctl group lag -b a:1 -- -g')
  assert.equal(commandText('group lag', ['']), `rivvenctl group lag ''`)
  assert.equal(commandText('group undo', ['-g', '2'], ['--live']), 'rivvenctl group undo --live -- -g 2')
})
