import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerConfig } from '../src/config/broker-config.js'
import { listenersOf } from '../src/config/listeners/listeners.js'
import { peerAccessOf } from '../src/peer-access.js'

const files: Record<string, string> = { '/broker.password': 'brokers-secret\n', '/key.password': 'key-secret' }
const disk = { readFile: async (path: string) => Buffer.from(files[path] as string) }

const plain = { listeners: 'CLIENTS://127.0.0.1:0,PEERS://127.0.0.1:0' }
const secured = {
  ...plain,
  listener_security_protocol_map: 'CLIENTS:PLAINTEXT,PEERS:SASL_SSL',
  inter_broker_listener_name: 'peers',
  ssl_certificate_location: 'cert.pem',
  ssl_key_location: 'key.pem',
}
const login = { inter_broker_username: 'broker', inter_broker_password_file: '/broker.password' }

function accessOf(values: Record<string, unknown>) {
  const map = { listener_security_protocol_map: 'CLIENTS:PLAINTEXT,PEERS:PLAINTEXT' }
  const config = brokerConfig([{ from: 'test', values: { allow_anonymous: true, ...map, ...values } }])
  return peerAccessOf(config, listenersOf(config), disk)
}

test('brokers reach each other by the first listener, or by the one that is for them', async () => {
  assert.deepEqual(await accessOf(plain), { listener: 'CLIENTS', ssl: false, sasl: undefined })
  assert.equal((await accessOf({ ...plain, inter_broker_listener_name: 'PEERS' })).listener, 'PEERS')
  await assert.rejects(accessOf({ ...plain, inter_broker_listener_name: 'OTHER' }), /there are CLIENTS, PEERS\./)
})

test('where brokers log in, they do so as the user that is set, whose password is in a file', async () => {
  const { sasl } = await accessOf({ ...secured, ...login })
  assert.deepEqual(sasl, { mechanism: 'SCRAM-SHA-512', username: 'broker', password: 'brokers-secret' })
})

test('a broker that has no user for a listener with logins says so when it would have to ask others', async () => {
  assert.match((await accessOf(secured)).fault ?? '', /PEERS.*set inter_broker_username\.$/)
  assert.equal((await accessOf({ ...secured, ...login })).fault, undefined)
})

test('logins that cannot come about are refused at the start', async () => {
  await assert.rejects(accessOf({ ...secured, inter_broker_username: 'broker' }), /go together/)
  await assert.rejects(accessOf({ ...plain, ...login }), /takes no logins/)
  const other = { ...secured, ...login, sasl_mechanism_inter_broker_protocol: 'SCRAM-SHA-256' }
  await assert.rejects(accessOf({ ...other, sasl_enabled_mechanisms: 'SCRAM-SHA-512' }), /has SCRAM-SHA-512\./)
})

test('brokers trust whom clients are trusted by, and show a certificate where clients are asked for one', async () => {
  assert.deepEqual((await accessOf(secured)).ssl, {})
  const ca = { ssl_ca_location: 'ca.pem' }
  assert.deepEqual((await accessOf({ ...secured, ...ca })).ssl, { ca: { file: 'ca.pem' } })
  const asked = { ssl_client_auth: 'required', ssl_key_password_file: '/key.password' }
  assert.deepEqual((await accessOf({ ...secured, ...ca, ...asked })).ssl, {
    ca: { file: 'ca.pem' },
    cert: { file: 'cert.pem' },
    key: { file: 'key.pem' },
    passphrase: 'key-secret',
  })
})
