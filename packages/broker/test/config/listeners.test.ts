import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerConfig } from '../../src/config/broker-config.js'
import { loadBrokerConfig } from '../../src/config/config-sources.js'
import { isOverheard } from '../../src/config/listeners/listener-rules.js'
import { listenersOf } from '../../src/config/listeners/listeners.js'

const listeners = (values: Record<string, unknown>) => listenersOf(brokerConfig([{ from: 'test', values }]))

test('each listener has a name, a protocol and an address of its own', () => {
  const found = listeners({
    listeners: 'PLAINTEXT://127.0.0.1:9092, clients://127.0.0.1:0,SASL_PLAINTEXT://[::1]:9094',
    listener_security_protocol_map: 'CLIENTS:SASL_PLAINTEXT',
    advertised_listeners: 'CLIENTS://localhost:19093',
  })
  assert.deepEqual(
    found.map(({ name, protocol, listen, advertised }) => ({ name, protocol, listen, advertised })),
    [
      { name: 'PLAINTEXT', protocol: 'PLAINTEXT', listen: { host: '127.0.0.1', port: 9092 }, advertised: undefined },
      {
        name: 'CLIENTS',
        protocol: 'SASL_PLAINTEXT',
        listen: { host: '127.0.0.1', port: 0 },
        advertised: { host: 'localhost', port: 19_093 },
      },
      {
        name: 'SASL_PLAINTEXT',
        protocol: 'SASL_PLAINTEXT',
        listen: { host: '::1', port: 9094 },
        advertised: undefined,
      },
    ],
  )
})

test('a map of listeners says the same as flat keys', () => {
  const map = {
    inside: { address: '127.0.0.1:9092', protocol: 'PLAINTEXT' },
    outside: {
      address: '0.0.0.0:9093',
      protocol: 'SASL_PLAINTEXT',
      advertised: 'kafka.example:9093',
      sasl_enabled_mechanisms: ['SCRAM-SHA-512'],
    },
  }
  const flat = {
    listeners: 'inside://127.0.0.1:9092,outside://0.0.0.0:9093',
    listener_security_protocol_map: 'inside:PLAINTEXT,outside:SASL_PLAINTEXT',
    advertised_listeners: 'outside://kafka.example:9093',
    'listener.name.outside.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
  }
  assert.deepEqual(listeners({ listeners: map }), listeners(flat))
})

test('a key of one listener goes before the same key of all', async () => {
  const disk = { readFile: () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' })) }
  const config = await loadBrokerConfig({
    disk,
    env: { RIVVEN_LISTENER_NAME_B_CONNECTIONS_MAX_REAUTH_MS: '7000' },
    set: [
      'listeners=A://127.0.0.1:1,B://127.0.0.1:2',
      'listener_security_protocol_map=A:SASL_PLAINTEXT,B:SASL_PLAINTEXT',
      'sasl_enabled_mechanisms=PLAIN',
      'listener.name.a.sasl.enabled.mechanisms=SCRAM-SHA-256',
    ],
  })
  const [a, b] = listenersOf(config).map(({ values }) => values)
  assert.equal(a?.sasl_enabled_mechanisms, 'SCRAM-SHA-256')
  assert.equal(a?.connections_max_reauth_ms, 0)
  assert.equal(b?.sasl_enabled_mechanisms, 'PLAIN')
  assert.equal(b?.connections_max_reauth_ms, 7000)
})

/** A listener on loopback that takes tokens. */
const tokens = (values: Record<string, unknown>) => ({
  listeners: 'SASL_PLAINTEXT://127.0.0.1:1',
  sasl_enabled_mechanisms: 'OAUTHBEARER',
  ...values,
})

const refused: readonly [string, Record<string, unknown>, RegExp][] = [
  ['listen beside listeners', { listen: '127.0.0.1:1', listeners: 'A://127.0.0.1:2' }, /both set/],
  ['what is no listener', { listeners: '127.0.0.1:1' }, /no NAME:\/\/host:port/],
  ['a name twice', { listeners: 'SSL://127.0.0.1:1,ssl://127.0.0.1:2' }, /the name SSL twice/],
  ['a port twice', { listeners: 'PLAINTEXT://127.0.0.1:1,SSL://127.0.0.1:1' }, /port 1 to PLAINTEXT and to SSL/],
  ['a name without a protocol', { listeners: 'A://127.0.0.1:1' }, /A has no protocol: add A:SASL_SSL/],
  ['an unknown protocol', { listener_security_protocol_map: 'A:TLS' }, /'A:TLS', which is no NAME:PROTOCOL/],
  ['an advertised name that is no listener', { advertised_listeners: 'B://x:1' }, /names B, which is no listener/],
  [
    'one advertised address for several listeners',
    { listeners: 'PLAINTEXT://127.0.0.1:1,SASL_PLAINTEXT://127.0.0.1:2', advertised_listeners: 'x:1' },
    /there are several listeners/,
  ],
  [
    'a key of a listener that is none',
    { 'listener.name.x.sasl_enabled_mechanisms': 'PLAIN' },
    /names X, which is no listener/,
  ],
  ['a key that is the same for all', { 'listener.name.x.num_partitions': 1 }, /num_partitions is the same for all/],
  ['a key that nobody knows', { 'listener.name.x.foo': 1 }, /foo, which the broker does not know/],
  ['an unknown mechanism', { sasl_enabled_mechanisms: 'GSSAPI' }, /must be a list of PLAIN, SCRAM-SHA-256/],
  ['no mechanism', { sasl_enabled_mechanisms: '' }, /must be a list of PLAIN/],
  ['a map entry without an address', { listeners: { a: { protocol: 'SSL' } } }, /a needs an address/],
  ['a map beside flat keys', { listeners: { a: { address: 'x:1' } }, advertised_listeners: 'a:1' }, /beside a map/],
  [
    'passwords or tokens in the clear beyond loopback',
    { listeners: 'SASL_PLAINTEXT://10.0.0.1:1', sasl_enabled_mechanisms: 'PLAIN,SCRAM-SHA-256' },
    /take passwords or tokens in the clear \(PLAIN\).*allow_cleartext_credentials/,
  ],
  [
    'tokens without keys',
    tokens({ sasl_oauthbearer_expected_audience: 'x' }),
    /SASL_PLAINTEXT takes tokens.*knows no keys.*jwks_endpoint_url/,
  ],
  [
    'tokens for anybody',
    tokens({ sasl_oauthbearer_jwks_endpoint_url: 'https://id.example/keys' }),
    /expected_audience/,
  ],
  [
    'keys from afar in the clear',
    tokens({ sasl_oauthbearer_jwks_endpoint_url: 'http://id.example/keys' }),
    /must be https/,
  ],
  ['keys from a file elsewhere', tokens({ sasl_oauthbearer_jwks_endpoint_url: 'file://host/keys' }), /must be https/],
  ['keys from nowhere', tokens({ sasl_oauthbearer_jwks_endpoint_url: 'keys.json' }), /must be https/],
  [
    'tokens that are signed and are not',
    tokens({ sasl_oauthbearer_jwks_endpoint_url: 'file:keys.json', sasl_oauthbearer_unsecured: true }),
    /are tokens signed\? Leave one out/,
  ],
  [
    'tokens that nobody signed, beside a listener that others can reach',
    tokens({
      sasl_oauthbearer_unsecured: true,
      listeners: 'SASL_PLAINTEXT://127.0.0.1:1,PLAINTEXT://10.0.0.1:2',
      allow_anonymous: true,
    }),
    /nobody signed.*10\.0\.0\.1:2/,
  ],
  [
    'tokens that nobody signed, beside HTTP that others can reach',
    tokens({ sasl_oauthbearer_unsecured: true, http: '10.0.0.1:9644' }),
    /nobody signed.*10\.0\.0\.1:9644/,
  ],
  [
    'tokens in the clear beyond loopback',
    tokens({ listeners: 'SASL_PLAINTEXT://10.0.0.1:1' }),
    /take passwords or tokens in the clear \(OAUTHBEARER\).*allow_cleartext_credentials/,
  ],
  ['an anonymous listener beyond loopback', { listeners: 'PLAINTEXT://10.0.0.1:1' }, /allow_anonymous/],
]

for (const [name, values, because] of refused) {
  test(`${name} is refused with what to do`, () => {
    assert.throws(() => listeners(values), because)
  })
}

test('what is said in the clear beyond loopback is overheard', () => {
  const overheard = (values: Record<string, unknown>) => listeners(values).map(isOverheard)
  assert.deepEqual(overheard({ listeners: 'SASL_PLAINTEXT://10.0.0.1:1' }), [true])
  assert.deepEqual(overheard({ listeners: 'SASL_PLAINTEXT://127.0.0.1:1' }), [false])
})

test('SCRAM alone may be offered beyond loopback, and passwords by who asks for it', () => {
  assert.equal(listeners({ listeners: 'SASL_PLAINTEXT://10.0.0.1:1' }).length, 1)
  const plain = { listeners: 'SASL_PLAINTEXT://10.0.0.1:1', sasl_enabled_mechanisms: 'PLAIN' }
  assert.equal(listeners({ ...plain, allow_cleartext_credentials: true }).length, 1)
})
