import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorizationOf } from '../../src/config/authorization.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { type HttpListenerConfig, httpListenerOf } from '../../src/config/http-listener.js'
import { listenersOf } from '../../src/config/listeners/listeners.js'

function listener(values: Record<string, unknown>): HttpListenerConfig | undefined {
  const config = brokerConfig([{ from: 'test', values }])
  return httpListenerOf(config, authorizationOf(config, listenersOf(config)))
}

const reachable = { http: '0.0.0.0:9644' }
const guarded = { authorizer_class_name: 'standard' }
const encrypted = {
  http_security_protocol: 'HTTPS',
  ssl_certificate_location: 'broker.pem',
  ssl_key_location: 'broker.key',
}

test('off is off', () => {
  assert.equal(listener({ http: 'off' }), undefined)
  assert.equal(listener({ http: '' }), undefined)
  assert.deepEqual(listener({})?.address, { host: '127.0.0.1', port: 9644 })
})

test('without an authorizer nobody logs in: whoever comes is ANONYMOUS on loopback, or where that is allowed', () => {
  const facts = (values: Record<string, unknown>) => {
    const { schemes, anonymous, letsAnonymousIn } = listener(values) ?? {}
    return { schemes, anonymous, letsAnonymousIn }
  }
  assert.deepEqual(facts({}), { schemes: [], anonymous: 'health', letsAnonymousIn: true })
  assert.deepEqual(facts(reachable), { schemes: [], anonymous: 'health', letsAnonymousIn: false })
  assert.equal(facts({ ...reachable, http_anonymous: 'health,metrics' }).anonymous, 'health,metrics')
  assert.equal(facts({ ...reachable, allow_anonymous: true }).letsAnonymousIn, true)
})

const keys = {
  sasl_oauthbearer_jwks_endpoint_url: 'https://id.example/keys',
  sasl_oauthbearer_expected_audience: 'rivven',
}

test('one must log in as soon as there is an authorizer, or where that is asked for', () => {
  const schemes = (values: Record<string, unknown>) => listener(values)?.schemes
  assert.deepEqual(schemes(guarded), ['Basic'])
  assert.deepEqual(schemes({ listeners: 'SASL_PLAINTEXT://127.0.0.1:0' }), ['Basic'])
  assert.deepEqual(schemes({ http_authentication: 'basic' }), ['Basic'])
  assert.deepEqual(schemes({ ...guarded, ...keys }), ['Basic', 'Bearer'])
  assert.deepEqual(schemes({ ...guarded, sasl_oauthbearer_unsecured: true }), ['Basic', 'Bearer'])
  assert.deepEqual(schemes({ ...keys, http_authentication: 'bearer' }), ['Bearer'])
  assert.deepEqual(schemes({ ...guarded, ...keys, http_authentication: 'none' }), [])
})

test('HTTP has the keys of the broker for TLS, or its own', () => {
  const own = { 'listener.name.http.ssl_client_auth': 'none', 'listener.name.http.ssl_key_location': 'http.key' }
  const { values, isEncrypted } = listener({ ...encrypted, ssl_client_auth: 'required', ...own }) ?? {}
  assert.equal(isEncrypted, true)
  assert.equal(values?.ssl_certificate_location, 'broker.pem')
  assert.equal(values?.ssl_key_location, 'http.key')
  assert.equal(values?.ssl_client_auth, 'none')
})

const refused: readonly [string, Record<string, unknown>, RegExp][] = [
  ['HTTPS without a certificate', { http_security_protocol: 'HTTPS' }, /The listener HTTP needs a certificate/],
  [
    'HTTPS that asks for certificates and trusts nobody',
    { ...encrypted, ssl_client_auth: 'required' },
    /The listener HTTP asks clients for certificates.*ssl_ca_location/,
  ],
  [
    'passwords in the clear beyond loopback',
    { ...reachable, ...guarded },
    /http is 0\.0\.0\.0:9644.*passwords or tokens in the clear\. Set http_security_protocol to HTTPS/,
  ],
  ['tokens without keys to check them', { http_authentication: 'bearer' }, /HTTP takes tokens.*sasl_oauthbearer_jwks/],
  [
    'tokens for whomever',
    { ...guarded, ...keys, sasl_oauthbearer_expected_audience: '' },
    /HTTP takes tokens.*sasl_oauthbearer_expected_audience/,
  ],
  [
    'tokens that nobody signed beyond loopback',
    { ...reachable, ...guarded, ...encrypted, sasl_oauthbearer_unsecured: true },
    /http is 0\.0\.0\.0:9644.*tokens that nobody signed/,
  ],
  ['another protocol', { http_security_protocol: 'SSL' }, /must be one of HTTP, HTTPS/],
  ['another way to log in', { http_authentication: 'digest' }, /http_authentication.*must be one of/],
  ['another word for what is open', { http_anonymous: 'everything' }, /must be one of health, health,metrics, all/],
  ['an address that is none', { http: 'everywhere' }, /http is 'everywhere', which is no address/],
  ['a key that HTTP has not', { 'listener.name.http.rubbish': 1 }, /rubbish, which the broker does not know/],
]

for (const [what, values, words] of refused) {
  test(`${what} is refused at the start`, () => {
    assert.throws(() => listener(values), words)
  })
}

test('passwords go beyond loopback encrypted, or where that is allowed; none go where nobody logs in', () => {
  assert.ok(listener({ ...reachable, ...guarded, ...encrypted }))
  assert.ok(listener({ ...reachable, ...guarded, allow_cleartext_credentials: true }))
  assert.ok(listener({ ...reachable, ...guarded, http_authentication: 'none' }))
})

test('something is changed over HTTP by who is logged in, or who sits at this machine, if that was said', () => {
  const actions = (values: Record<string, unknown>) => listener(values)?.actions
  assert.equal(actions({}), 'off')
  assert.equal(actions(guarded), 'authenticated')
  assert.equal(actions({ ...guarded, http_actions: 'off' }), 'off')
  assert.equal(actions({ http_actions: 'loopback' }), 'loopback')
  assert.throws(() => listener({ ...reachable, http_actions: 'loopback' }), /other machines can reach/)
  assert.throws(() => listener({ http_actions: 'authenticated' }), /nobody logs in over HTTP/)
  assert.throws(() => listener({ http_actions: 'everybody' }), /must be one of/)
})

test('browsers may call the address by its host, by any name where that is a wildcard, or by those that are given', () => {
  const hosts = (values: Record<string, unknown>) => listener(values)?.allowedHosts
  assert.deepEqual(hosts({}), ['127.0.0.1'])
  assert.equal(hosts(reachable), 'any')
  assert.deepEqual(hosts({ http: '10.0.0.5:9644' }), ['10.0.0.5'])
  assert.deepEqual(hosts({ ...reachable, http_allowed_hosts: 'Rivven.example, 10.0.0.5' }), [
    'rivven.example',
    '10.0.0.5',
  ])
})
