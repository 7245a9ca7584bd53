import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OAuthBearerServer } from '../../src/security/sasl/oauth-bearer.js'

const expiresAt = 1_700_000_000_000
const tokens = {
  check: async (token: string) =>
    token === 'good-token.x=='
      ? ({ kind: 'right', user: 'a,lice', expiresAt } as const)
      : ({ kind: 'wrong', why: 'the token is over' } as const),
}
const over = { kind: 'failed', text: 'Authentication failed: the token is over' }

const messages: [what: string, message: string | Buffer, outcome: string][] = [
  ['a token', 'n,,\x01auth=Bearer good-token.x==\x01\x01', 'done'],
  ['a token with extensions', 'n,,\x01auth=Bearer good-token.x==\x01logicalCluster=lkc-1\x01a=\x01\x01', 'done'],
  ['host and port before the token', 'n,,\x01host=h\x01port=9092\x01auth=Bearer good-token.x==\x01\x01', 'done'],
  ['a scheme in other letters', 'n,,\x01auth=bEARER  good-token.x==\x01\x01', 'done'],
  ['an authorization id that is the subject', 'n,a=a=2Clice,\x01auth=Bearer good-token.x==\x01\x01', 'done'],
  ['an authorization id of somebody else', 'n,a=admin,\x01auth=Bearer good-token.x==\x01\x01', 'failed'],
  ['an empty authorization id', 'n,a=,\x01auth=Bearer good-token.x==\x01\x01', 'failed'],
  ['a bad token', 'n,,\x01auth=Bearer other\x01\x01', 'challenge'],
  ['nothing', '', 'failed'],
  ['no byte 1', 'n,,auth=Bearer good-token.x==', 'failed'],
  ['one byte 1 at the end', 'n,,\x01auth=Bearer good-token.x==\x01', 'failed'],
  ['something behind the end', 'n,,\x01auth=Bearer good-token.x==\x01\x01x', 'failed'],
  ['no pair', 'n,,\x01\x01', 'failed'],
  ['only extensions', 'n,,\x01a=b\x01\x01', 'failed'],
  ['two tokens', 'n,,\x01auth=Bearer good-token.x==\x01auth=Bearer other\x01\x01', 'failed'],
  ['another scheme', 'n,,\x01auth=Basic good\x01\x01', 'failed'],
  ['no token', 'n,,\x01auth=Bearer \x01\x01', 'failed'],
  ['a token with a space', 'n,,\x01auth=Bearer a b\x01\x01', 'failed'],
  ['a channel binding', 'y,,\x01auth=Bearer good-token.x==\x01\x01', 'failed'],
  ['an extension without a name', 'n,,\x01auth=Bearer good-token.x==\x01=x\x01\x01', 'failed'],
  ['what is not UTF-8', Buffer.from([0x6e, 0xff, 1]), 'failed'],
  ['400 KiB', `n,,\x01auth=Bearer ${'x'.repeat(400_000)}\x01\x01`, 'failed'],
]
for (const [what, message, outcome] of messages) {
  test(`OAUTHBEARER: ${what}: ${outcome}`, async () => {
    const step = await new OAuthBearerServer(tokens).next(Buffer.from(message))
    assert.equal(step.kind, outcome)
    if (step.kind === 'done') assert.deepEqual([step.user, step.expiresAt, step.token.length], ['a,lice', expiresAt, 0])
  })
}

for (const answer of ['\x01', 'x', '', 'n,,\x01auth=Bearer good-token.x==\x01\x01']) {
  test(`OAUTHBEARER: whatever follows a bad token (${JSON.stringify(answer)}), the login fails with the reason`, async () => {
    const server = new OAuthBearerServer(tokens)
    const step = await server.next(Buffer.from('n,,\x01auth=Bearer other\x01\x01'))
    assert.equal(step.kind === 'challenge' && Buffer.from(step.token).toString(), '{"status":"invalid_token"}')
    assert.deepEqual(await server.next(Buffer.from(answer)), over)
    assert.equal((await server.next(Buffer.from('\x01'))).kind, 'failed')
  })
}

test('OAUTHBEARER: there is no message behind a token that was taken', async () => {
  const server = new OAuthBearerServer(tokens)
  const message = Buffer.from('n,,\x01auth=Bearer good-token.x==\x01\x01')
  assert.equal((await server.next(message)).kind, 'done')
  assert.equal((await server.next(message)).kind, 'failed')
})
