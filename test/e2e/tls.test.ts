import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Admin, Consumer, Producer, type RivvenError, type SslOptions } from '@rivven/client'
import { addressText } from '@rivven/runtime'
import { pem, pemFile } from '../support/certificates.js'
import { eventually } from '../support/eventually.js'
import { ownBroker } from '../support/own-broker.js'
import { rivvenctl } from './rivvenctl.js'

/** A broker with a listener that encrypts, and one that does not. */
async function scene(context: TestContext, config: Record<string, unknown> = {}) {
  const broker = await ownBroker({
    listeners: 'SSL://127.0.0.1:0,PLAINTEXT://127.0.0.1:0',
    ssl_certificate_location: pemFile('broker.pem'),
    ssl_key_location: pemFile('broker.key'),
    authorizer_class_name: 'none',
    ...config,
  })
  context.after(() => broker.close())
  const [encrypted, plain] = broker.listeners.map(({ address }) => addressText(address))
  return { bootstrapServers: encrypted!, plain: plain! }
}

const ssl: SslOptions = { ca: { file: pemFile('ca.pem') } }

/** Tries come so often that one of them is behind the half of the time after which a peer that hangs up means it. */
const untilMeant = { unreachableTimeoutMs: 3_000, maxRetryBackoffMs: 200 }

test('records go and come through encrypted connections, heartbeats of their thread, too', async (context) => {
  const { bootstrapServers } = await scene(context)
  const producer = new Producer({ bootstrapServers, ssl: { ca: pem('ca.pem') } })
  const value = Buffer.alloc(300_000, 7)
  for (let n = 0; n < 5; n++) await producer.send({ topic: 'orders', key: String(n), value })
  const settings = { groupId: 'g', heartbeatIntervalMs: 50, sessionTimeoutMs: 6000 }
  const consumer = new Consumer({ bootstrapServers, ssl, autoOffsetReset: 'earliest', ...settings })
  await consumer.subscribe('orders')
  let seen = 0
  while (seen < 5) {
    for (const record of await consumer.poll(1000)) {
      assert.ok(record.value?.equals(value))
      seen++
    }
  }
  const joinedAgo = consumer.health().lastHeartbeatAgoMs ?? 0
  await eventually(() => assert.ok((consumer.health().lastHeartbeatAgoMs ?? 1e9) <= joinedAgo))
  await consumer.close()
  await producer.close()
})

test('a broker that asks for a certificate gets the client’s, and knows it by that', async (context) => {
  const { bootstrapServers } = await scene(context, {
    ssl_client_auth: 'required',
    ssl_ca_location: pemFile('ca.pem'),
    authorizer_class_name: 'standard',
    super_users: 'User:CN=alice,O=Orders',
  })
  const cert = { cert: { file: pemFile('client.pem') }, key: pem('client-locked.key'), passphrase: 'opens-it' }
  const admin = new Admin({ bootstrapServers, ssl: { ...ssl, ...cert } })
  await admin.createTopics([{ name: 'orders' }])
  assert.deepEqual(await admin.describeAcls(), [])
  await admin.close()
  const stranger = new Admin({ bootstrapServers, ssl, ...untilMeant })
  await assert.rejects(stranger.describeCluster(), { code: 'TLS_FAILED', message: /ssl\.cert and ssl\.key/ })
  await stranger.close()
})

/** What a client with these options meets. */
async function failure(bootstrapServers: string, ssl: SslOptions | boolean): Promise<RivvenError> {
  const admin = new Admin({ bootstrapServers, ssl, ...untilMeant })
  try {
    await admin.describeCluster()
  } catch (error) {
    return error as RivvenError
  } finally {
    await admin.close()
  }
  assert.fail('it succeeded')
}

test('what is wrong with a listener or a certificate is told with what to do', async (context) => {
  const { bootstrapServers, plain } = await scene(context)
  const expected: [string, SslOptions | boolean, string, RegExp][] = [
    [bootstrapServers, true, 'TLS_FAILED', /unable to verify .*ssl: \{ ca: \{ file \} \}/],
    [bootstrapServers, { ca: pem('foreign.pem') }, 'TLS_FAILED', /unable to verify/],
    [
      bootstrapServers,
      { ...ssl, servername: 'b.example' },
      'TLS_FAILED',
      /for localhost, 127\.0\.0\.1.*ssl\.servername/,
    ],
    [bootstrapServers, { ca: { file: '/nowhere.pem' } }, 'TLS_FAILED', /ssl\.ca cannot be read: ENOENT/],
    [plain, ssl, 'TLS_FAILED', /in the middle of the TLS handshake.*leave ssl out/],
    [bootstrapServers, false, 'NO_BROKER_REACHABLE', /give ssl/i],
  ]
  for (const [where, ssl, code, says] of expected) {
    const error = await failure(where, ssl)
    assert.equal(error.code, code, error.message)
    assert.match(error.message, says)
    assert.equal(error.retriable, code !== 'TLS_FAILED' && error.retriable)
  }
})

test('rivvenctl takes it from its options, the environment or the file', async (context) => {
  const { bootstrapServers } = await scene(context)
  const flags = ['--security-protocol', 'ssl', '--ssl-ca-location', pemFile('ca.pem')]
  for (const argv of [
    [...flags, 'topic', 'list'],
    ['topic', 'create', 'orders', ...flags],
    ['produce', 'orders', 'x', ...flags],
    ['consume', 'orders', '--from-beginning', '--max-messages', '1', ...flags],
  ]) {
    const { status, words } = await rivvenctl([...argv, '-b', bootstrapServers])
    assert.equal(status, 0, words)
  }
  const env = { RIVVEN_SECURITY_PROTOCOL: 'ssl', RIVVEN_SSL_CA_LOCATION: pemFile('ca.pem') }
  assert.equal((await rivvenctl(['topic', 'list', '-b', bootstrapServers], { env })).status, 0)
  const refused = await rivvenctl(['topic', 'list', '-b', bootstrapServers, '--security-protocol', 'ssl'])
  assert.equal(refused.status, 1)
  assert.match(refused.words, /^rivvenctl: No encrypted connection to .*ssl_ca_location\.\n$/)
  const contradiction = await rivvenctl(['topic', 'list', '--sasl-username', 'alice'])
  assert.equal(contradiction.status, 2)
  assert.match(contradiction.words, /sasl_username \(the command line\) is set, and security_protocol is not/)
  const secret = await rivvenctl(['topic', 'list', '--sasl-password', 'x'])
  assert.equal(secret.status, 2)
})
