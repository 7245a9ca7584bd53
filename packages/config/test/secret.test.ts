import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, inspect } from 'node:util'
import { Secret } from '../src/index.js'

const password = new Secret('pencil')

const prints: [way: string, text: string][] = [
  ['in a template', `${password}`],
  ['as a text', String(password)],
  ['as JSON', JSON.stringify({ password })],
  ['by util.inspect', inspect({ password }, { depth: 9, showHidden: true })],
  ['by console.log', format('%s %o %O %j', password, password, password, password)],
  ['by its fields', JSON.stringify([Object.entries(password), { ...password }])],
  ['as a copy', inspect(structuredClone(password), { showHidden: true })],
]
for (const [way, text] of prints) {
  test(`a secret does not show ${way}`, () => {
    assert.ok(!text.includes('pencil'), text)
  })
}

test('a secret is there for whoever asks for it', () => {
  assert.equal(password.reveal(), 'pencil')
  assert.equal(JSON.stringify({ password }), '{"password":"[secret]"}')
})
