import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Acl, Admin, type ClusterOptions, Consumer, Producer, type RivvenError } from '@rivven/client'
import { pemFile } from '../support/certificates.js'
import { eventually } from '../support/eventually.js'
import { passwordOf } from '../support/passwords.js'
import { type RunOptions, rivvenctl } from './rivvenctl.js'
import { type SecuredCluster, securedCluster } from './secured-cluster.js'

/** Kafka is used again by the next run. */
const run = Math.random().toString(36).slice(2, 8)
const password = 'alice, her = own-secret'

async function failure(promise: Promise<unknown>): Promise<RivvenError> {
  return promise.then(
    () => assert.fail('it succeeded'),
    (error: RivvenError) => error,
  )
}

/** A user who may do nothing, and a topic. Kafka's changes are seen a moment later. */
async function scene(cluster: SecuredCluster, name: string) {
  const [user, topic, group] = ['user', 'topic', 'group'].map((kind) => `${kind}-${name}-${run}`) as [
    string,
    string,
    string,
  ]
  const { admin } = cluster
  await admin.createTopics([{ name: topic, partitions: 1 }])
  await admin.alterUsers([{ user, mechanism: 'scram-sha-512', password }])
  const login = cluster.as(user, password)
  await eventually(() => describing(login))
  return { admin, user, topic, group, login, allow: (...rules: Rule[]) => allow(cluster, user, rules) }
}

async function describing(login: ClusterOptions): Promise<void> {
  const admin = new Admin(login)
  await admin.describeCluster().finally(() => admin.close())
}

type Rule = [Acl['operation'], Acl['resourceType'], string]

async function allow({ admin }: SecuredCluster, user: string, rules: readonly Rule[]): Promise<void> {
  const principal = `User:${user}`
  const acls = rules.map(([operation, resourceType, resourceName]): Acl => {
    return { principal, operation, permissionType: 'ALLOW', resourceType, resourceName }
  })
  await admin.createAcls(acls)
  await eventually(async () => assert.ok((await admin.describeAcls({ principal })).length >= rules.length))
}

test('users get in by each mechanism with their password, and not with another', async () => {
  await using cluster = await securedCluster()
  const { admin } = cluster
  const user = `carol-${run}`
  const both = ['scram-sha-256', 'scram-sha-512'] as const
  await admin.alterUsers(both.slice(0, 1).map((mechanism) => ({ user, mechanism, password, iterations: 4096 })))
  await eventually(() => describing(cluster.as(user, password, 'scram-sha-256')))
  const wrong = await failure(describing(cluster.as(user, 'guessed', 'scram-sha-256')))
  assert.equal(wrong.code, 'AUTHENTICATION_FAILED')
  assert.equal(wrong.errorCode, 58)
  assert.doesNotMatch(wrong.message, /guessed/)
  // For the other mechanism there is no credential yet.
  assert.equal((await failure(describing(cluster.as(user, password, 'scram-sha-512')))).code, 'AUTHENTICATION_FAILED')
  await admin.alterUsers([{ user, mechanism: 'scram-sha-512', password }])
  await eventually(() => describing(cluster.as(user, password, 'scram-sha-512')))
  assert.deepEqual((await admin.describeUsers([user]))[0]?.credentials.map(({ mechanism }) => mechanism).sort(), both)
  await admin.alterUsers(both.map((mechanism) => ({ user, mechanism, delete: true as const })).slice(0, 1))
  await eventually(async () =>
    assert.equal(
      (await failure(describing(cluster.as(user, password, 'scram-sha-256')))).code,
      'AUTHENTICATION_FAILED',
    ),
  )
})

test('a wrong password is told by every client at its first call', async () => {
  await using cluster = await securedCluster()
  const guessed = cluster.as('nobody', 'guessed')
  const producer = new Producer(guessed)
  const writer = new Producer({ ...guessed, transactionalId: 'tx' })
  const consumer = new Consumer({ ...guessed, groupId: 'g' })
  await consumer.subscribe('orders')
  const calls = {
    send: () => producer.send({ topic: 'orders', value: 'x' }),
    transaction: () => writer.transaction((transaction) => transaction.send({ topic: 'orders', value: 'x' })),
    poll: () => consumer.poll(60_000),
  }
  for (const [call, make] of Object.entries<() => Promise<unknown>>(calls)) {
    const error = await failure(make())
    assert.equal(error.code, 'AUTHENTICATION_FAILED', `${call}: ${error.message}`)
    assert.equal(error.retriable, false)
  }
  await Promise.all([producer.close(), writer.close(), consumer.close()])
})

test('who does not log in is told that the listener wants it', async () => {
  await using cluster = await securedCluster()
  const { sasl: _, ...nobody } = cluster.root
  const error = await failure(describing(nobody))
  assert.equal(error.code, 'AUTHENTICATION_FAILED')
  assert.match(error.message, /give sasl/)
})

test('a producer and a consumer with least rights work, and nothing else does', async () => {
  await using cluster = await securedCluster()
  const { topic, group, login, allow } = await scene(cluster, 'least')
  const producer = new Producer(login)
  const denied = await failure(producer.send({ topic, value: 'x' }))
  assert.deepEqual(
    [denied.code, denied.errorCode, denied.retriable, denied.facts.resource],
    ['AUTHORIZATION_FAILED', 29, false, `topic ${topic}`],
  )
  await allow(['WRITE', 'TOPIC', topic])
  await producer.send({ topic, value: 'x' })
  await producer.close()

  const options = { ...login, autoOffsetReset: 'earliest', heartbeatIntervalMs: 50, sessionTimeoutMs: 6000 } as const
  const stranger = new Consumer({ ...options, groupId: group })
  await stranger.subscribe(topic)
  const alien = await failure(stranger.poll(10_000))
  assert.deepEqual([alien.code, alien.errorCode, alien.facts.resource], ['AUTHORIZATION_FAILED', 30, `group ${group}`])
  await stranger.close()
  await allow(['READ', 'GROUP', group], ['READ', 'TOPIC', topic])
  const consumer = new Consumer({ ...options, groupId: group })
  await consumer.subscribe(topic)
  const values: string[] = []
  while (values.length === 0) for (const { value } of await consumer.poll(5000)) values.push(String(value))
  assert.deepEqual(values, ['x'])
  await consumer.commit()
  await consumer.close()

  const admin = new Admin(login)
  for (const [call, operation] of [
    [admin.deleteTopics([topic]), 'DELETE'],
    [admin.createTopics([{ name: `other-${run}` }]), 'CREATE'],
    [admin.describeAcls(), 'DESCRIBE'],
    [admin.alterUsers([{ user: 'bob', mechanism: 'scram-sha-256', password: passwordOf('bob') }]), 'ALTER'],
  ] as const) {
    const error = await failure(call)
    assert.deepEqual([error.code, error.facts.operation], ['AUTHORIZATION_FAILED', operation], error.message)
  }
  await admin.close()
})

test('rights that are taken away end a consumer’s reading at once', async () => {
  await using cluster = await securedCluster()
  const { admin, user, topic, group, login, allow } = await scene(cluster, 'taken')
  await allow(['READ', 'GROUP', group], ['READ', 'TOPIC', topic])
  const producer = new Producer(cluster.root)
  await producer.send({ topic, value: 'x' })
  await producer.close()
  const consumer = new Consumer({ ...login, groupId: group, autoOffsetReset: 'earliest' })
  await consumer.subscribe(topic)
  await eventually(async () => assert.equal((await consumer.poll(1000)).length, 1))
  const removed = await admin.deleteAcls([{ principal: `User:${user}`, resourceType: 'TOPIC' }])
  assert.equal(removed.length, 1)
  await eventually(async () => {
    const error = await failure(consumer.poll(100))
    assert.deepEqual([error.code, error.errorCode, error.facts.operation], ['AUTHORIZATION_FAILED', 29, 'READ'])
  })
  await consumer.close()
})

test('a transaction needs its id', async () => {
  await using cluster = await securedCluster()
  const { topic, login, allow } = await scene(cluster, 'tx')
  const transactionalId = `tx-${run}`
  await allow(['WRITE', 'TOPIC', topic])
  const forbidden = new Producer({ ...login, transactionalId })
  const error = await failure(forbidden.transaction((transaction) => transaction.send({ topic, value: 'x' })))
  assert.deepEqual([error.code, error.errorCode], ['AUTHORIZATION_FAILED', 53])
  assert.equal(error.facts.resource, `transactional id ${transactionalId}`)
  await forbidden.close()
  await allow(['WRITE', 'TRANSACTIONAL_ID', transactionalId], ['WRITE', 'TOPIC', topic])
  const producer = new Producer({ ...login, transactionalId })
  await producer.transaction((transaction) => transaction.send({ topic, value: 'x' }))
  await producer.close()
})

test('sessions that end are renewed under a producer and a member, and neither loses anything', async (context) => {
  if (process.env.RIVVEN_TEST_SECURED_KAFKA)
    context.diagnostic('as long as its connections.max.reauth.ms is not short, this shows little')
  await using cluster = await securedCluster({ connections_max_reauth_ms: 1200 })
  const { topic, group, login, allow } = await scene(cluster, 'renewed')
  await allow(['WRITE', 'TOPIC', topic], ['READ', 'TOPIC', topic], ['READ', 'GROUP', group])
  const producer = new Producer(login)
  const settings = { heartbeatIntervalMs: 100, sessionTimeoutMs: 6000, autoOffsetReset: 'earliest' } as const
  const consumer = new Consumer({ ...login, ...settings, groupId: group })
  await consumer.subscribe(topic)
  const sent: string[] = []
  const read: string[] = []
  const lives = 4
  const end = performance.now() + lives * 1200
  const memberIds = new Set<string>()
  while (performance.now() < end || read.length < sent.length) {
    if (performance.now() < end) {
      sent.push(String(sent.length))
      await producer.send({ topic, value: sent.at(-1)! })
    }
    for (const { value } of await consumer.poll(50)) read.push(String(value))
    const { memberId } = consumer.health()
    if (memberId) memberIds.add(memberId)
  }
  assert.deepEqual(read, sent)
  assert.equal(memberIds.size, 1)
  await consumer.close()
  await producer.close()
})

test('whoever may not come in any more is told so when the session ends', async (context) => {
  if (process.env.RIVVEN_TEST_SECURED_KAFKA) return context.skip('its sessions may be long')
  await using cluster = await securedCluster({ connections_max_reauth_ms: 1200 })
  const { admin, user, topic, group, login, allow } = await scene(cluster, 'gone')
  await allow(['WRITE', 'TOPIC', topic], ['READ', 'TOPIC', topic], ['READ', 'GROUP', group])
  const producer = new Producer(login)
  await producer.send({ topic, value: 'x' })
  const consumer = new Consumer({ ...login, groupId: group, autoOffsetReset: 'earliest' })
  await consumer.subscribe(topic)
  await eventually(async () => assert.equal((await consumer.poll(1000)).length, 1))
  await admin.alterUsers([{ user, mechanism: 'scram-sha-512', delete: true }])
  for (const call of [() => producer.send({ topic, value: 'y' }), () => consumer.poll(100)]) {
    await eventually(async () => assert.equal((await failure(call())).code, 'AUTHENTICATION_FAILED'))
  }
  await consumer.close()
  await producer.close()
})

test('rivvenctl logs in with a password from a file, from standard input or from the environment', async (context) => {
  if (process.env.RIVVEN_TEST_SECURED_KAFKA) return context.skip('one broker is enough')
  await using cluster = await securedCluster()
  const { bootstrapServers } = cluster.root
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'password'), `${passwordOf('admin')}\n`)
  await writeFile(join(folder.path, 'rivven.yaml'), settings(String(bootstrapServers)))
  const flags = [
    '-b',
    String(bootstrapServers),
    '--security-protocol',
    'sasl_ssl',
    '--ssl-ca-location',
    pemFile('ca.pem'),
  ]
  const login = [...flags, '--sasl-mechanism', 'PLAIN', '--sasl-username', 'admin']
  const file = join(folder.path, 'password')
  const config = join(folder.path, 'rivven.yaml')
  const env = { RIVVEN_SASL_PASSWORD: passwordOf('admin') }
  const ways: [readonly string[], RunOptions][] = [
    [['topic', 'list', ...login, '--sasl-password-file', file], {}],
    [['topic', 'list', ...login, '--sasl-password-file', '-'], { lines: [passwordOf('admin')] }],
    [['topic', 'list', ...login], { env }],
    [['topic', 'list', '--config', config], { env }],
    [['produce', 'orders', 'x', '--config', config], { env }],
    [['consume', 'orders', '--from-beginning', '--max-messages', '1', '--config', config], { env }],
    [
      ['topic', 'list', '--config', config, '--sasl-password-file', file],
      { env: { RIVVEN_SASL_PASSWORD: passwordOf('other') } },
    ],
  ]
  for (const [argv, options] of ways) {
    const { status, words } = await rivvenctl(argv, options)
    assert.equal(status, 0, `${argv.join(' ')}: ${words}`)
  }
  const wrong = await rivvenctl(['topic', 'list', ...login, '--sasl-password-file', '-'], { lines: ['do-not-show-me'] })
  assert.equal(wrong.status, 1)
  assert.match(wrong.words, /^rivvenctl: The broker at .* refused the login with PLAIN/)
  assert.doesNotMatch(wrong.words, /do-not-show-me/)
})

/** How an application says it, for its consumer alone. */
function settings(bootstrapServers: string): string {
  return `consumer:
  bootstrap_servers: ${bootstrapServers}
  security_protocol: sasl_ssl
  sasl_mechanism: plain
  sasl_username: admin
  ssl_ca_location: ${pemFile('ca.pem')}
`
}

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'rivven-security-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
