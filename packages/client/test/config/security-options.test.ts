import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { fakeRuntime } from '@rivven/fakes'
import type { Disk } from '@rivven/runtime'
import { loadConsumerConfig, loadProducerConfig } from '../../src/config/load-config.js'
import { Consumer } from '../../src/index.js'

const password = 'not-shown-secret'
/** What is in `token.txt`, one reading after the other. */
let tokens: string[] = []

/** What a consumer gets from this file, environment and command line; `password.txt` has a password in it. */
function load(keys: Record<string, unknown>, env: Record<string, string> = {}, over: Record<string, string> = {}) {
  const yaml = `consumer: ${JSON.stringify(keys)}`
  const readFile = async (path: string) => {
    if (path === 'rivven.yaml') return Buffer.from(yaml)
    if (path === 'token.txt') return Buffer.from(tokens.shift() ?? '')
    if (path === 'password.txt') return Buffer.from(`${password}\n`)
    throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' })
  }
  return loadConsumerConfig({ env, over, runtime: { disk: { readFile } as unknown as Disk } })
}

const login = { security_protocol: 'sasl_ssl', sasl_mechanism: 'SCRAM-SHA-512', sasl_username: 'alice' }

test('keys make the options ssl and sasl', async () => {
  assert.equal((await load({})).ssl, undefined)
  assert.equal((await load({ security_protocol: 'PLAINTEXT' })).sasl, undefined)
  assert.equal((await load({ security_protocol: 'ssl' })).ssl, true)
  const keys = { ssl_ca_location: 'ca.pem', ssl_certificate_location: 'me.pem', ssl_key_location: 'me.key' }
  const { ssl } = await load({ security_protocol: 'SSL', ...keys, ssl_endpoint_identification_algorithm: 'none' })
  assert.deepEqual(ssl, {
    ca: { file: 'ca.pem' },
    cert: { file: 'me.pem' },
    key: { file: 'me.key' },
    endpointIdentificationAlgorithm: 'none',
  })
  const { sasl } = await load({ ...login, security_protocol: 'sasl_plaintext', sasl_password: password })
  assert.ok(sasl && 'password' in sasl)
  assert.deepEqual([sasl.mechanism, sasl.username, sasl.password], ['scram-sha-512', 'alice', password])
})

test('a password comes from the last place that says one, in place or in a file', async () => {
  const passwordOf = async (...places: Parameters<typeof load>) => {
    const { sasl } = await load(...places)
    return sasl && 'password' in sasl && sasl.password
  }
  assert.equal(await passwordOf({ ...login, sasl_password_file: 'password.txt' }), password)
  assert.equal(
    await passwordOf({ ...login, sasl_password_file: 'gone' }, { RIVVEN_SASL_PASSWORD: 'env-secret' }),
    'env-secret',
  )
  assert.equal(
    await passwordOf({ ...login, sasl_password: 'a-secret' }, {}, { sasl_password_file: 'password.txt' }),
    password,
  )
  assert.equal(await passwordOf({ ...login, sasl_password: 12345 }), '12345')
})

const bearer = { security_protocol: 'sasl_ssl', sasl_mechanism: 'OAUTHBEARER' }

test('a token comes from a file, which is read anew whenever one is needed', async () => {
  tokens = [` first.token\n`, 'second.token']
  const { sasl } = await load({ ...bearer, sasl_token_file: 'token.txt' })
  assert.ok(sasl && 'token' in sasl)
  assert.deepEqual([await sasl.token(), await sasl.token()], [{ value: 'first.token' }, { value: 'second.token' }])
})

test('secrets go into a client, and are shown nowhere', async () => {
  const key = { ssl_certificate_location: 'c', ssl_key_location: 'k', ssl_key_password: password }
  const config = await load({ ...login, ...key, sasl_password_file: 'password.txt' })
  for (const text of [inspect(config, { depth: 9, showHidden: true }), JSON.stringify(config)])
    assert.doesNotMatch(text, /not-shown-secret/)
  new Consumer({ ...config, runtime: fakeRuntime() })
})

const refusals: [string, Record<string, unknown>, RegExp][] = [
  ['another protocol', { security_protocol: 'tls' }, /security_protocol is "tls": it must be one of plaintext, ssl/],
  [
    'a login in the clear by mistake',
    { sasl_username: 'alice' },
    /sasl_username \(rivven\.yaml\) is set, and security_protocol is not/,
  ],
  [
    'TLS by mistake in the clear',
    { ssl_ca_location: 'a', security_protocol: 'plaintext' },
    /ssl_ca_location .* is set, and security_protocol is plaintext/,
  ],
  [
    'a login where there is none',
    { ...login, security_protocol: 'ssl' },
    /security_protocol is ssl\. Set security_protocol to sasl_ssl/,
  ],
  ['no mechanism', { ...login, sasl_mechanism: null }, /sasl_mechanism is not set: it must be one of plain, scram/],
  ['another mechanism', { ...login, sasl_mechanism: 'GSSAPI' }, /sasl_mechanism is "GSSAPI"/],
  ['no token', bearer, /set sasl_token_file, or give the option sasl in code/],
  ['no file with a token', { ...bearer, sasl_token_file: 'gone' }, /sasl_token_file cannot be read: ENOENT/],
  [
    'a token of somebody',
    { ...bearer, sasl_username: 'alice', sasl_token_file: 'token.txt' },
    /the token says who logs in/,
  ],
  ['a token and a password', { ...bearer, sasl_password: password }, /sasl_password \(rivven\.yaml\) is set/],
  [
    'a token for SCRAM',
    { ...login, sasl_token_file: 'token.txt' },
    /sasl_token_file .* and sasl_mechanism is scram-sha-512/,
  ],
  ['nobody', { ...login, sasl_username: null, sasl_password: 'x-secret' }, /sasl_username is not set/],
  ['no password', login, /No password is set: give sasl_password_file, or RIVVEN_SASL_PASSWORD/],
  [
    'two passwords',
    { ...login, sasl_password: 'x-secret', sasl_password_file: 'y' },
    /sasl_password_file and sasl_password are both in rivven\.yaml/,
  ],
  [
    'a password that is none',
    { ...login, sasl_password: [password] },
    /sasl_password \(rivven\.yaml\) cannot be read: it must be a text/,
  ],
  ['a file that is not there', { ...login, sasl_password_file: 'gone' }, /sasl_password_file cannot be read: ENOENT/],
  ['half a certificate', { security_protocol: 'ssl', ssl_key_location: 'k' }, /go together/],
  ['a passphrase for nothing', { security_protocol: 'ssl', ssl_key_password: password }, /without ssl_key_location/],
  ['another check of names', { security_protocol: 'ssl', ssl_endpoint_identification_algorithm: 'x' }, /https or none/],
  ['a key misspelt', { security_protokol: 'ssl' }, /security_protocol\?/],
]

for (const [what, keys, says] of refusals) {
  test(`${what}: refused`, async () => {
    await assert.rejects(load(keys), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'INVALID_CONFIG')
      assert.match(error.message, says)
      assert.doesNotMatch(inspect(error, { depth: 9 }), /not-shown-secret/)
      return true
    })
  })
}

test('one section may take what the other says of security, when it says nothing itself', async () => {
  const yaml = `
consumer:
  security_protocol: ssl
  ssl_ca_location: ca.pem
producer:
  linger_ms: 5
`
  const runtime = { disk: { readFile: async () => Buffer.from(yaml) } as unknown as Disk }
  assert.equal((await loadProducerConfig({ env: {}, runtime })).ssl, undefined)
  const shared = await loadProducerConfig({ env: {}, runtime, sharesSecurity: true })
  assert.deepEqual(shared.ssl, { ca: { file: 'ca.pem' } })
  assert.equal(shared.lingerMs, 5)
  const over = { security_protocol: 'plaintext', ssl_ca_location: null }
  await assert.rejects(loadProducerConfig({ env: {}, runtime, over, sharesSecurity: true }), /ssl_ca_location/)
})
