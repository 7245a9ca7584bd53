import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { keySet, TokenIssuer, unsigned } from '../security/token-issuer.js'
import { basic, guardedBroker } from './guarded-broker.js'
import { HttpBroker } from './http-broker.js'

const issuer = new TokenIssuer()
const soon = Math.floor(Date.now() / 1_000) + 600
const claims = { sub: 'alice', aud: 'rivven', exp: soon }

function keysOf(t: TestContext): Record<string, unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-http-keys-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'keys.json')
  writeFileSync(file, keySet(issuer))
  return { sasl_oauthbearer_jwks_endpoint_url: `file:${file}`, sasl_oauthbearer_expected_audience: 'rivven' }
}

test('a token that is signed, for this broker and not over is a login, and rights are those of its subject', async (t) => {
  const { broker, allow } = await guardedBroker(t, keysOf(t))
  const statusWith = async (authorization: string) =>
    (await fetch(`${broker.url}/metrics`, { headers: { authorization } })).status
  const token = issuer.token(claims)
  assert.equal(await statusWith(`Bearer ${token}`), 403)
  await allow('DESCRIBE', 'CLUSTER', 'kafka-cluster')
  assert.equal(await statusWith(`Bearer ${token}`), 200)
  assert.equal(await statusWith(`bearer ${token}`), 200)
  assert.equal(await statusWith(basic('alice')), 200)
})

test('other tokens are no login, and the answer says how one logs in', async (t) => {
  const values = { ...keysOf(t), connection_failed_authentication_delay_ms: 0 }
  const { broker } = await guardedBroker(t, values)
  const wrong = {
    unsigned: unsigned(claims),
    'signed with the public key as if it were secret': issuer.signedWithThePublicKey(claims),
    over: issuer.token({ ...claims, exp: 1 }),
    'for others': issuer.token({ ...claims, aud: 'others' }),
    'of a stranger': new TokenIssuer().token(claims),
    'without an end': issuer.token({ sub: 'alice', aud: 'rivven' }),
    'no token': 'alice',
    '15 KB of rubbish': 'x'.repeat(15_000),
  }
  for (const [what, token] of Object.entries(wrong)) {
    const answer = await fetch(`${broker.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal(answer.status, 401, what)
    assert.equal(answer.headers.get('www-authenticate'), 'Basic realm="Rivven", charset="UTF-8", Bearer realm="Rivven"')
    assert.match(await answer.text(), /"The login failed.","code":"LOGIN_FAILED"/)
  }
})

test('passwords are no login where only tokens are taken', async (t) => {
  const { broker } = await guardedBroker(t, { ...keysOf(t), http_authentication: 'bearer' })
  const statusWith = async (authorization: string) =>
    (await fetch(`${broker.url}/api/groups`, { headers: { authorization } })).status
  assert.equal(await statusWith(basic('alice')), 401)
  assert.equal(await statusWith(`Bearer ${issuer.token(claims)}`), 200)
})

test('a file of keys that is not there ends the start', async () => {
  const values = {
    authorizer_class_name: 'standard',
    sasl_oauthbearer_jwks_endpoint_url: 'file:/nowhere/keys.json',
    sasl_oauthbearer_expected_audience: 'rivven',
  }
  await assert.rejects(HttpBroker.start(values), /The keys of sasl_oauthbearer_jwks_endpoint_url cannot be used/)
})
