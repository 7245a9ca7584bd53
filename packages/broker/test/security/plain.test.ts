import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlainServer } from '../../src/security/sasl/plain.js'

const passwords = {
  isRight: async (user: string, password: string) => user === 'älice' && password === 'pass word-secret',
}

const messages: [what: string, message: string | Buffer, outcome: string][] = [
  ['the right password', '\0älice\0pass word-secret', 'done'],
  ['an authorization id of the same user', 'älice\0älice\0pass word-secret', 'done'],
  ['an authorization id of another user', 'bob\0älice\0pass word-secret', 'failed'],
  ['another password', '\0älice\0pass', 'failed'],
  ['nothing', '', 'failed'],
  ['one part', 'älice', 'failed'],
  ['two parts', 'älice\0pass word-secret', 'failed'],
  ['four parts', '\0älice\0pass word-secret\0', 'failed'],
  ['an empty user', '\0\0pass word-secret', 'failed'],
  ['an empty password', '\0älice\0', 'failed'],
  ['a byte order mark before the user', '\0\ufeffälice\0pass word-secret', 'failed'],
  ['what is not UTF-8', Buffer.from([0, 0xe4, 0, 0x61]), 'failed'],
  ['a password of 512 KiB', `\0älice\0${'x'.repeat(524_288)}`, 'failed'],
]
for (const [what, message, outcome] of messages) {
  test(`PLAIN: ${what}: ${outcome}`, async () => {
    const step = await new PlainServer(passwords).next(Buffer.from(message))
    assert.equal(step.kind, outcome)
    if (step.kind === 'done') assert.deepEqual([step.user, step.token.length], ['älice', 0])
  })
}

test('PLAIN: there is one message only', async () => {
  const server = new PlainServer(passwords)
  assert.equal((await server.next(Buffer.from('\0älice\0wrong'))).kind, 'failed')
  assert.equal((await server.next(Buffer.from('\0älice\0pass word-secret'))).kind, 'failed')
})
