import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { passwordOf } from '../support/passwords.js'

interface Search {
  linesWithPasswords(text: string): number[]
  withoutPasswords(text: string): string
}

const module = pathToFileURL(join(import.meta.dirname, '../../../scripts/leaked-passwords.mjs')).href
const { linesWithPasswords, withoutPasswords } = (await import(module)) as Search

const password = passwordOf('alice')
const inBytes = (before: string) => Buffer.from(`${before}${password}`)

const forms: [way: string, text: string][] = [
  ['as it is', `password: '${password}'`],
  ['as JSON', JSON.stringify({ sasl: { password } })],
  ['as bytes of PLAIN', `"\\u0000alice\\u0000${password}"`],
  ['in capitals', password.toUpperCase()],
  ['in an address', `http://alice:${encodeURIComponent(password)}@localhost`],
  ['in hex', inBytes('').toString('hex')],
  ['in base64', inBytes('').toString('base64')],
  ['in base64, a byte later', inBytes('x').toString('base64')],
  ['in base64, two bytes later', inBytes('xy').toString('base64')],
  ['in base64 of URLs', inBytes('\u00ff\u00fe').toString('base64url')],
]
for (const [way, text] of forms) {
  test(`a password that is printed ${way} is found, and not printed again`, () => {
    assert.deepEqual(linesWithPasswords(`one\n${text}\nthree`), [2])
    const shown = withoutPasswords(`one\n${text}\nthree`)
    assert.deepEqual(linesWithPasswords(shown), [])
    assert.match(shown, /^one\n.*\[password\].*\nthree$/)
  })
}

test('what is no password stays as it is', () => {
  const text = '✔ a secret does not show as JSON\n{"password":"[secret]"}\nsasl_password_file: admin.password'
  assert.deepEqual(linesWithPasswords(text), [])
  assert.equal(withoutPasswords(text), text)
})
