import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerConfig } from '../../src/config/broker-config.js'
import { type HttpListenerConfig, httpListenerOf } from '../../src/config/http-listener.js'
import { Logins } from '../../src/http/hook/logins.js'
import { PlainServer } from '../../src/security/sasl/plain.js'
import type { Security } from '../../src/security/security.js'
import { basic, guardedBroker, password } from './guarded-broker.js'

test('health is for everybody; what else there is says that it needs a login', async (t) => {
  const { broker } = await guardedBroker(t)
  for (const path of ['/health/live', '/health/ready']) assert.equal((await broker.get(path)).status, 200)
  for (const path of ['/metrics', '/api/groups', '/api/groups/g', '/api/security/acls']) {
    const answer = await broker.get(path)
    assert.equal(answer.status, 401, path)
    assert.equal(answer.headers.get('www-authenticate'), 'Basic realm="Rivven", charset="UTF-8"')
    assert.match(await answer.text(), /"This needs a login.","code":"LOGIN_NEEDED"/)
  }
})

test('who logs in sees what rights allow, from the next request on', async (t) => {
  const { as, allow } = await guardedBroker(t)
  const denied = await as('alice', '/metrics')
  assert.equal(denied.status, 403)
  const { detail, code, missing } = (await denied.json()) as Record<string, unknown>
  assert.deepEqual(
    { detail, code, missing },
    {
      detail: 'User:alice may not do this: it needs DESCRIBE on the cluster.',
      code: 'CLUSTER_AUTHORIZATION_FAILED',
      missing: { operation: 'DESCRIBE', resourceType: 'CLUSTER', resourceName: 'kafka-cluster' },
    },
  )
  await allow('DESCRIBE', 'CLUSTER', 'kafka-cluster')
  const page = await as('alice', '/metrics')
  assert.equal(page.status, 200)
  assert.match(await page.text(), /rivven_build_info/)
  assert.equal((await as('root', '/metrics')).status, 200)
})

const wrong: readonly [string, string][] = [
  ['a wrong password', basic('alice', 'guessed-secret')],
  ['a user that nobody knows', basic('mallory')],
  ['no user', basic('')],
  ['no password', basic('alice', '')],
  ['the user of another with NUL', `Basic ${Buffer.from(`root\0alice:${password}`).toString('base64')}`],
  ['no colon', `Basic ${Buffer.from('alice').toString('base64')}`],
  ['what is not UTF-8', `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0x61]).toString('base64')}`],
  ['what is not base64', 'Basic %%%'],
  ['nothing behind the scheme', 'Basic'],
  ['another scheme', 'Digest username="alice"'],
  ['a password of 10 KB', basic('alice', 'x'.repeat(10_000))],
]

test('a login that fails says no more than that, whatever is wrong with it', async (t) => {
  const { broker } = await guardedBroker(t, { connection_failed_authentication_delay_ms: 0 })
  for (const [what, authorization] of wrong) {
    const answer = await fetch(`${broker.url}/api/groups`, { headers: { authorization } })
    assert.equal(answer.status, 401, what)
    assert.match(await answer.text(), /"The login failed.","code":"LOGIN_FAILED"/, what)
  }
  assert.equal((await fetch(`${broker.url}/api/groups`, { headers: { authorization: basic('alice') } })).status, 200)
})

test('a cookie is no login', async (t) => {
  const { broker } = await guardedBroker(t)
  const headers = { cookie: `authorization=${basic('alice')}; session=alice` }
  assert.equal((await fetch(`${broker.url}/api/groups`, { headers })).status, 401)
})

test('what http_anonymous names is shown without a login, and nothing else', async (t) => {
  const { broker } = await guardedBroker(t, { http_anonymous: 'health,metrics' })
  assert.equal((await broker.get('/metrics')).status, 200)
  assert.equal((await broker.get('/api/groups')).status, 401)
  const { broker: open } = await guardedBroker(t, { http_anonymous: 'all' })
  for (const path of ['/metrics', '/api/groups', '/api/security/users']) {
    assert.equal((await open.get(path)).status, 200, path)
  }
})

test('where nobody logs in, ACLs for ANONYMOUS decide', async (t) => {
  const { broker } = await guardedBroker(t, { http_authentication: 'none' })
  assert.equal((await broker.get('/metrics')).status, 200)
  const { broker: closed } = await guardedBroker(t, { http_authentication: 'none', super_users: 'User:root' })
  const answer = await closed.get('/metrics')
  assert.equal(answer.status, 403)
  assert.match(((await answer.json()) as { detail: string }).detail, /^User:ANONYMOUS may not do this/)
  assert.equal(answer.headers.get('www-authenticate'), null)
})

test('a user that exists costs one computation as one that does not', async () => {
  const computed: string[] = []
  const passwords = { isRight: async (user: string, text: string) => computed.push(`${user} ${text}`) < 0 }
  const security = { newSaslServer: () => new PlainServer(passwords) } as unknown as Security
  const config = httpListenerOf(brokerConfig(), { authorizes: true }) as HttpListenerConfig
  const logins = new Logins(config, security)
  assert.equal((await logins.check(basic('alice', 'a:b-secret'))).isRight, false)
  assert.equal((await logins.check(basic('nobody', 'a:b-secret'))).isRight, false)
  assert.deepEqual(computed, ['alice a:b-secret', 'nobody a:b-secret'])
})
