import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nameFromPath, nameToPath } from '../src/path-name.js'

test('a name is what its part of a path stands for, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const part = nameToPath(name)
      assert.equal(nameFromPath(part), name)
      assert.equal(new URL(`http://localhost/api/groups/${part}/lag`).pathname, `/api/groups/${part}/lag`)
    }),
  )
})

test('names that a path cannot hold have a ~ in front, as do those that begin with one', () => {
  const written = ['', '.', '..', '~', '~a', '...', 'a/b', 'a b', 'ü'].map(nameToPath)
  assert.deepEqual(written, ['~', '~.', '~..', '~~', '~~a', '...', 'a%2Fb', 'a%20b', '%C3%BC'])
})

test('what stands for no name is none: a step, a ~ that is not needed, what is badly encoded', () => {
  for (const part of ['', '.', '..', '%2e', '%2E%2e', '~a', '%7Ea', '%', '%zz', '%ff']) {
    assert.equal(nameFromPath(part), undefined, part)
  }
})

test('half a character is written as all text is', () => {
  assert.equal(nameToPath('a\ud800'), encodeURIComponent('a\ufffd'))
})
