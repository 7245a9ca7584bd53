import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openLog } from '@rivven/broker'
import { Admin, type SaslOptions } from '@rivven/client'
import {
  type Api,
  ApiVersions,
  encodeRequest,
  Heartbeat,
  Metadata,
  SaslAuthenticate,
  SaslHandshake,
} from '@rivven/protocol'
import { addressText, nodeListenHttp } from '@rivven/runtime'
import { eventually } from '../support/eventually.js'
import { ownBroker } from '../support/own-broker.js'
import { passwordOf, wrongPassword } from '../support/passwords.js'
import { RawConnection } from '../support/raw-connection.js'
import { plainOf } from './inputs/tokens.js'

// Names are chosen by who bears them (security.md §18, traps 9 and 10; §16, S13).

/** A broker with a listener that asks who comes, one on which everybody may do everything, HTTP, and all that it says. */
async function scene(context: TestContext, users: readonly string[], superUsers = '') {
  const log: string[] = []
  const audit: string[] = []
  const broker = await ownBroker(
    {
      listeners: 'SASL_PLAINTEXT://127.0.0.1:0,PLAINTEXT://127.0.0.1:0',
      ...{ http: '127.0.0.1:0', http_anonymous: 'health,metrics' },
      sasl_enabled_mechanisms: 'PLAIN,SCRAM-SHA-256',
      authorizer_class_name: 'standard',
      super_users: `User:ANONYMOUS${superUsers}`,
    },
    {
      log: openLog('debug', { write: (line) => void log.push(line) }),
      auditToStderr: (line) => void audit.push(line),
      listenHttp: nodeListenHttp,
    },
  )
  context.after(() => broker.close())
  const [asking, open] = broker.listeners.map(({ address }) => address)
  const admin = new Admin({ bootstrapServers: addressText(open!) })
  context.after(() => admin.close())
  await admin.alterUsers(
    users.map((user) => ({ user, mechanism: 'scram-sha-256', password: passwordOf(user), iterations: 4096 })),
  )
  const as = async <T>(username: string, mechanism: 'plain' | 'scram-sha-256', use: (admin: Admin) => Promise<T>) => {
    const sasl: SaslOptions = { mechanism, username, password: passwordOf(username) }
    const own = new Admin({ bootstrapServers: addressText(asking!), sasl })
    return use(own).finally(() => own.close())
  }
  const metrics = async () => (await fetch(`http://${addressText(broker.httpAddress!)}/metrics`)).text()
  return { admin, as, log, audit, metrics, asking: asking!.port, open: open!.port }
}

const topicsOf = async (admin: Admin) => (await admin.listTopics()).map(({ name }) => name)

const names = ['a,b', 'a=b', 'a b', 'a:b', ' a', 'User:a', 'CN=a,O=b: c', '=2C', '__proto__', 'constructor']

test('trap 9: names with commas, equals signs, blanks and colons log in, and have their own rights and nobody else’s', async (context) => {
  const { admin, as } = await scene(context, ['a', ...names])
  for (const [at, name] of names.entries()) {
    const topic = `of-${at}`
    await admin.createTopics([{ name: topic }])
    const principal = `User:${name}`
    await admin.createAcls([
      { principal, operation: 'DESCRIBE', permissionType: 'ALLOW', resourceType: 'TOPIC', resourceName: topic },
    ])
    assert.deepEqual(
      (await admin.describeAcls({ principal })).map(({ resourceName }) => resourceName),
      [topic],
    )
    for (const mechanism of ['plain', 'scram-sha-256'] as const)
      assert.deepEqual(await as(name, mechanism, topicsOf), [topic], name)
  }
  assert.deepEqual(await as('a', 'plain', topicsOf), [])
})

test('trap 9: super_users is divided at semicolons only', async (context) => {
  const supers = ['CN=root,O=Ops', 'a b: c=d', 'a:b']
  const others = ['CN=root', 'O=Ops', 'a', 'b']
  const { as } = await scene(context, [...supers, ...others], supers.map((name) => `;User:${name}`).join(''))
  for (const [at, name] of supers.entries())
    await as(name, 'scram-sha-256', (own) => own.createTopics([{ name: `t-${at}` }]))
  for (const name of others) {
    const making = as(name, 'plain', (own) => own.createTopics([{ name: 'refused' }]))
    await assert.rejects(making, { code: 'AUTHORIZATION_FAILED' })
  }
})

/** As many as an int16 can say. */
const longest = 32_767
const oddIds = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    '',
    ' ',
    'a\nb',
    'a\r\nlevel: 60',
    '\u2028',
    '\u001b[2J',
    '"},{"',
    '{x="y"} 1\n',
  ],
  'x'.repeat(longest),
]
const manyIds = Array.from({ length: 1_500 }, (_, id) => `flood-${id}`)

/** One request each, all in one write. */
async function send<A extends Api>(
  connection: RawConnection,
  ids: readonly string[],
  [api, version, requestOf]: [A, number, (id: string) => Parameters<typeof encodeRequest<A>>[3]],
): Promise<void> {
  const frames = ids.flatMap((clientId, at) => {
    return encodeRequest(api, version, { correlationId: 1_000 + at, clientId }, requestOf(clientId))
  })
  connection.send(Buffer.concat(frames))
  for (const _ of ids) await connection.nextFrame()
}

async function logIn(
  port: number,
  user: string,
  password: string,
): Promise<{ connection: RawConnection; error: number }> {
  const connection = await RawConnection.open(port)
  await connection.call(SaslHandshake, 1, { mechanism: 'PLAIN' })
  const { errorCode } = await connection.call(SaslAuthenticate, 2, { authBytes: plainOf('', user, password) })
  return { connection, error: errorCode }
}

/** Names and labels of what the broker measures of itself, without the figures. */
function seriesOf(metrics: string): Set<string> {
  const lines = metrics.split('\n').filter((line) => line.startsWith('rivven_'))
  return new Set(lines.map((line) => line.slice(0, line.lastIndexOf(' '))))
}

/** What only clients have named. */
const isOdd = /flood-\d|__proto__|constructor|toString|xxxx|level: 60|\{x=/

test('trap 10: odd client ids and users, and a flood of them, are labels of nothing, and one line each, cut', async (context) => {
  const { admin, asking, open, log, audit, metrics } = await scene(context, ['mallory'])
  // So that every client id has a count of its own.
  const quotas = { request_percentage: 100_000, producer_byte_rate: 1e9, consumer_byte_rate: 1e9 }
  await admin.alterQuotas([{ clientId: null, quotas }])
  const { connection } = await logIn(asking, 'mallory', passwordOf('mallory'))
  const plain = await RawConnection.open(open)
  const beat = (id: string) => ({ groupId: `g ${id}`.slice(0, longest), generationId: 1, memberId: id })
  const ask = async (ids: readonly string[]): Promise<void> => {
    await send(connection, ids, [Heartbeat, 3, beat])
    await send(plain, ids, [Metadata, 9, () => ({ topics: [] })])
    await send(plain, ids, [Heartbeat, 3, beat])
  }
  await ask(['first'])
  await logIn(asking, 'first', wrongPassword)
  await eventually(() => assert.ok(audit.some((line) => line.includes('"LOGIN"'))))
  const before = seriesOf(await metrics())

  await ask([...oddIds, ...manyIds])
  const users = ['__proto__', 'a\nb', 'x'.repeat(longest)]
  const logins = await Promise.all(users.map((user) => logIn(asking, user, wrongPassword)))
  assert.deepEqual(
    logins.map(({ error }) => error),
    [58, 58, 58],
  )

  const text = await metrics()
  assert.deepEqual(
    [...seriesOf(text)].filter((series) => !before.has(series)),
    [],
  )
  assert.doesNotMatch(text, isOdd)
  assert.ok(audit.length > 100, `${audit.length} lines of the audit log`)
  for (const line of [...audit, ...log]) {
    assert.equal(line.indexOf('\n'), line.length - 1, line)
    assert.ok(line.length < 4_096, `a line of ${line.length} characters: ${line.slice(0, 1_000)}`)
    assert.equal(typeof JSON.parse(line), 'object')
  }
  assert.ok(audit.some((line) => line.includes('"clientId":"a\\nb"')))
  assert.ok(audit.some((line) => line.includes(`${'x'.repeat(256)}…`) && !line.includes('x'.repeat(257))))
  assert.equal((await plain.call(ApiVersions, 0, {})).errorCode, 0)
  for (const one of [connection, plain, ...logins.map((login) => login.connection)]) one.destroy()
})
