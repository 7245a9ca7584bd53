import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oauthBearer } from '../../src/security/sasl/oauth-bearer.js'
import { plain } from '../../src/security/sasl/plain.js'
import { SaslError } from '../../src/security/sasl/sasl-client.js'

test('PLAIN sends user and password once, and acts for nobody else', async () => {
  const attempt = plain('älice, her = name', 'sécret').attempt()
  assert.equal(String(await attempt.begin()), '\0älice, her = name\0sécret')
  assert.equal(await attempt.answer(Buffer.alloc(0)), null)
})

test('OAUTHBEARER sends the token, and is done when nothing is said against it', async () => {
  const mechanism = oauthBearer(async () => 'abc.def')
  assert.equal(mechanism.name, 'OAUTHBEARER')
  const attempt = mechanism.attempt()
  assert.equal(String(await attempt.begin()), 'n,,\x01auth=Bearer abc.def\x01\x01')
  assert.equal(await attempt.answer(Buffer.alloc(0)), null)
})

for (const [what, document, says] of [
  ['a reason', '{"status":"invalid_token","scope":"x"}', /invalid_token/],
  ['a reason of many lines', '{"status":"invalid\\n\\u0000token"}', /no reason that makes sense/],
  ['no JSON', 'no', /no reason that makes sense/],
  ['JSON without end', `{"status":${'['.repeat(10_000)}`, /no reason that makes sense/],
  ['null', 'null', /no reason that makes sense/],
] as const) {
  test(`a token that is refused with ${what} is given up after the word that the server waits for`, async () => {
    const attempt = oauthBearer(async () => 'abc').attempt()
    await attempt.begin()
    assert.equal(String(await attempt.answer(Buffer.from(document))), '\x01')
    await assert.rejects(attempt.answer(Buffer.alloc(0)), (error: Error) => {
      assert.ok(error instanceof SaslError)
      assert.match(error.message, says)
      return true
    })
  })
}
