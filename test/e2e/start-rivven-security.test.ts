import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Admin, type ClusterOptions, Consumer, Producer } from '@rivven/client'
import {
  allow,
  cluster,
  deny,
  group,
  type Rivven,
  type RivvenOptions,
  RivvenTestingError,
  type SecurityOptions,
  startRivven,
  topic,
} from '@rivven/testing'
import { passwordOf, wrongPassword } from '../support/passwords.js'

const quiet = { logger: { warn: () => undefined } }
const orders = topic('orders')
const shop: SecurityOptions = {
  users: { alice: passwordOf('alice'), bob: passwordOf('bob') },
  superUsers: ['admin'],
  acls: [
    allow('alice', ['write', 'create'], orders),
    allow('alice', 'read', orders),
    allow('alice', 'read', group.prefixed('shop-')),
  ],
  tls: true,
  mechanisms: ['scram-sha-256'],
}

async function send(options: ClusterOptions, value = 'x'): Promise<void> {
  const producer = new Producer({ ...options, ...quiet })
  try {
    await producer.send({ topic: 'orders', value })
  } finally {
    await producer.close()
  }
}

async function first(options: ClusterOptions, groupId: string): Promise<string> {
  const consumer = new Consumer({ ...options, groupId, autoOffsetReset: 'earliest', ...quiet })
  try {
    await consumer.subscribe('orders')
    for await (const { value } of consumer) return String(value)
    assert.fail('it ended')
  } finally {
    await consumer.close()
  }
}

const notAllowed = { code: 'AUTHORIZATION_FAILED' }

test('a user writes and reads over TLS with SCRAM what rules allow, and nothing else', async () => {
  await using rivven = await startRivven({ security: shop })
  const alice = rivven.clientOptions('alice')
  assert.deepEqual(alice, {
    bootstrapServers: rivven.bootstrapServers,
    ssl: { ca: rivven.certificates.ca },
    sasl: { mechanism: 'scram-sha-256', username: 'alice', password: passwordOf('alice') },
  })
  await send(alice, 'an order')
  assert.equal(await first(alice, 'shop-1'), 'an order')
  await assert.rejects(first(alice, 'other'), notAllowed)
  await assert.rejects(send(rivven.clientOptions('bob')), notAllowed)
  await assert.rejects(send({ ...alice, sasl: { ...alice.sasl!, password: wrongPassword } }), {
    code: 'AUTHENTICATION_FAILED',
  })
  await assert.rejects(send({ ...alice, ssl: true }), { code: 'TLS_FAILED' })
})

test('super users have a password even where none was given, and may do everything', async () => {
  await using rivven = await startRivven({ security: { superUsers: ['admin'] } })
  const admin = new Admin(rivven.clientOptions('admin'))
  await admin.createTopics([{ name: 'orders' }])
  assert.deepEqual(
    (await admin.listTopics()).map(({ name }) => name),
    ['orders'],
  )
  await admin.close()
})

test('rules come and go while the broker runs, and count from the next request on', async () => {
  await using rivven = await startRivven({ security: { users: { bob: passwordOf('bob') } } })
  const bob = rivven.clientOptions('bob')
  await assert.rejects(send(bob), notAllowed)
  await rivven.security.allow('bob', 'write', topic.prefixed('ord'))
  await rivven.security.allow('*', 'create', cluster())
  await send(bob)
  await rivven.security.deny('bob', 'all', orders)
  await assert.rejects(send(bob), notAllowed)
  await rivven.security.remove(deny('bob', 'all', orders))
  await send(bob)
})

test('every mechanism is there where none is named, and a restart keeps users, rules, ports and certificates', async (context) => {
  const dataDir = folderOf(context)
  for (const options of [{}, { dataDir }]) {
    await using rivven = await startRivven({ ...options, security: { ...shop, mechanisms: undefined } })
    const { bootstrapServers } = rivven
    await send(rivven.clientOptions('alice'))
    await rivven.restart('kill')
    assert.equal(rivven.bootstrapServers, bootstrapServers)
    for (const mechanism of ['scram-sha-512', 'plain', 'scram-sha-256'] as const)
      await send(rivven.clientOptions('alice', { mechanism }))
    await rivven.security.deny('alice', 'write', orders)
    await rivven.restart('stop')
    await assert.rejects(send(rivven.clientOptions('alice')), notAllowed)
  }
})

test('clients are known by their certificates, those without are ANONYMOUS or do not come in', async () => {
  const security = { tls: true, acls: [allow('alice', 'all', orders)] }
  for (const clientAuth of ['requested', 'required'] as const) {
    await using rivven = await startRivven({ security: { ...security, clientAuth } })
    const alice = rivven.clientOptions('alice')
    assert.deepEqual(alice.ssl, { ca: rivven.certificates.ca, ...rivven.certificates.certFor('alice') })
    await send(alice)
    await assert.rejects(send(rivven.clientOptions('bob')), notAllowed)
    await assert.rejects(
      send(rivven.clientOptions()),
      clientAuth === 'requested' ? notAllowed : { code: 'TLS_FAILED', message: /ssl\.cert/ },
    )
  }
})

test('TLS alone asks nobody who comes', async () => {
  await using rivven = await startRivven({ security: { tls: true } })
  await send(rivven.clientOptions())
  await send({ ...rivven.clientOptions('anybody'), bootstrapServers: `localhost:${rivven.port}` })
  await assert.rejects(rivven.security.allow('alice', 'read', orders), ours(/no rules.*users/))
})

test('the certificates of a process are of one authority, for all names of this machine', async () => {
  await using one = await startRivven()
  await using other = await startRivven()
  assert.equal(one.certificates, other.certificates)
  assert.deepEqual(one.clientOptions(), { bootstrapServers: one.bootstrapServers })
  const ca = new X509Certificate(one.certificates.ca)
  const alice = new X509Certificate(one.certificates.certFor('alice').cert)
  assert.ok(ca.ca && !alice.ca && alice.verify(ca.publicKey) && ca.verify(ca.publicKey))
  assert.equal(alice.subject, 'CN=alice')
  assert.throws(() => one.certificates.certFor('a,b'), ours(/certFor/))
})

test('listeners of the configuration stand in place of the one listener, and restart keeps each port', async () => {
  const config = {
    listeners: 'INSIDE://127.0.0.1:0,CLIENTS://localhost:0',
    listener_security_protocol_map: 'INSIDE:PLAINTEXT,CLIENTS:SASL_SSL',
  }
  await using rivven = await startRivven({ config, security: shop })
  const before = rivven.broker.listeners
  await rivven.restart('stop')
  assert.deepEqual(rivven.broker.listeners, before)
  assert.deepEqual(rivven.clientOptions('alice'), { bootstrapServers: rivven.bootstrapServers })
  await assert.rejects(send(rivven.clientOptions()), notAllowed)
  const clients = rivven.clientOptions('alice', { listener: 'clients' })
  assert.match(clients.bootstrapServers, /^localhost:/)
  await send(clients)
  const plain = await startRivven({
    config: { listeners: 'A://127.0.0.1:0', listener_security_protocol_map: 'A:PLAINTEXT' },
  })
  await send(plain.clientOptions())
  await plain.close()
})

test('security that makes no sense is refused with what to write, and passwords are not shown', async () => {
  const start = (security: unknown) => startRivven({ security } as RivvenOptions)
  const expected: [unknown, RegExp][] = [
    [{ ssl: true }, /security has no ssl\. Write tls: true/],
    [{ users: { alice: 12345 } }, /^security\.users\.alice must be a text that is not empty\.$/],
    [{ users: ['alice'] }, /users must be an object.*\{ alice: 'secret' \}/],
    [{ users: { '*': 'own-secret' } }, /the name of a user/],
    [{ superUsers: 'admin' }, /superUsers: \['admin'\]/],
    [{ superUsers: ['User:admin'] }, /without User:/],
    [{ acls: [{ user: 'alice' }] }, /acls\[0\] has no user/],
    [{ acls: allow('alice', 'read', orders) }, /acls: \[allow/],
    [{ mechanisms: ['gssapi'] }, /mechanisms\[0\].*'plain'/],
    [{ clientAuth: 'required' }, /clientAuth.*tls: true/],
    [{ users: { alice: 'own-secret' }, mechanisms: [] }, /nobody can log in/],
  ]
  for (const [security, says] of expected) await assert.rejects(start(security), ours(says))
  assert.throws(() => allow('alice', 'reed' as 'read', orders), ours(/operation is "reed".*'read'/))
  assert.throws(() => allow('alice', 'read', 'orders' as never), ours(/resource.*topic\('orders'\)/))
  assert.throws(() => topic(''), ours(/name/))
  await using rivven = await startRivven({ security: shop })
  assert.throws(() => rivven.clientOptions(), ours(/log in.*'alice'/))
  assert.throws(() => rivven.clientOptions('carol'), ours(/'carol'.*'alice'/))
  assert.throws(() => rivven.clientOptions('alice', { listener: 'X' }), ours(/no listener X.*SASL_SSL/))
  await assert.rejects(rivven.security.remove(allow('bob', 'read', orders)), ours(/no rule ALLOW READ to User:bob/))
  await rivven.close()
  await assert.rejects(rivven.security.allow('bob', 'read', orders), { code: 'INVALID_STATE' })
})

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-secured-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return folder
}

function ours(message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof RivvenTestingError, String(error))
    assert.equal(error.code, 'INVALID_ARGUMENT')
    assert.match(error.message, message)
    return true
  }
}

test('with tokens whoever has one is the user that it names, and no password is needed', async () => {
  const security: SecurityOptions = { mechanisms: ['oauthbearer'], acls: [allow('alice', ['write', 'create'], orders)] }
  await using rivven = await startRivven({ security })
  const alice = rivven.clientOptions('alice', { mechanism: 'oauthbearer' })
  await send(alice)
  await assert.rejects(send(rivven.clientOptions('bob', { mechanism: 'oauthbearer' })), notAllowed)
  const withToken = (value: string) => ({ ...alice, sasl: { ...alice.sasl, token: async () => ({ value }) } })
  const tokenFor: Rivven['security']['tokenFor'] = (...words) => rivven.security.tokenFor(...words)
  await send(withToken(tokenFor('alice', { lifetimeMs: 60_000, claims: { scope: 'orders' } })))
  for (const [options, says] of [
    [{ claims: { aud: 'somebody else' } }, /refused the login with OAUTHBEARER.*\(aud\)/],
    [{ claims: { iss: 'somebody else' } }, /\(iss\)/],
    [{ claims: { exp: undefined } }, /exp is missing/],
  ] as const)
    await assert.rejects(send(withToken(tokenFor('alice', options))), { code: 'AUTHENTICATION_FAILED', message: says })
  assert.throws(() => rivven.clientOptions('alice'), { code: 'INVALID_ARGUMENT', message: /tokens alone/ })
  assert.throws(() => rivven.security.tokenFor('alice', { lifetime: 5 } as object), RivvenTestingError)
})
