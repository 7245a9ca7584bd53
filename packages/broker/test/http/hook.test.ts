import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Clock } from '@rivven/runtime'
import type { GuardedPage } from '../../src/http/page.js'
import { basic } from './guarded-broker.js'
import { servedPages } from './served-pages.js'

const authorization = basic('alice', 'alice-secret')
const changes: unknown[] = []
const pages: readonly GuardedPage[] = [
  {
    kind: 'guarded',
    name: 'POST /api/groups/:group/reset',
    answer: ({ context, caller, body }) => {
      changes.push({ group: context.req.param('group'), by: caller.access.principal, body })
      return context.json({ done: true })
    },
  },
  { kind: 'guarded', name: 'GET /page', answer: ({ context }) => context.html('<p>a page</p>') },
]
const rights = {
  'POST /api/groups/:group/reset': { needs: 'READ GROUP' },
  'GET /page': { needs: 'DESCRIBE CLUSTER', anonymous: 'all' },
} as const

async function served(t: TestContext, allowed: Parameters<typeof servedPages>[1]['allowed'] = ['READ GROUP a b']) {
  changes.length = 0
  const { url, port, asked } = await servedPages(t, { pages, rights, allowed })
  const post = (headers: Record<string, string> = {}, body: RequestInit['body'] = '{"to":"earliest"}') => {
    const usual = { authorization, origin: url, 'content-type': 'application/json' }
    const init = { method: 'POST', headers: { ...usual, ...headers }, body, duplex: 'half' }
    return fetch(`${url}/api/groups/a%20b/reset`, init as RequestInit)
  }
  return { url, port, asked, post }
}

test('a change is made for who has the right, with the JSON that came', async (t) => {
  const { post, asked } = await served(t)
  const answer = await post({ 'content-type': 'application/json; charset=utf-8' })
  assert.equal(answer.status, 200)
  assert.deepEqual(changes, [{ group: 'a b', by: 'User:alice', body: { to: 'earliest' } }])
  assert.deepEqual(asked, ['User:alice READ GROUP a b'])
})

test('a change is refused without the right, and by what is missing', async (t) => {
  const { post } = await served(t, ['READ GROUP a'])
  const answer = await post()
  assert.equal(answer.status, 403)
  assert.deepEqual(await answer.json(), {
    error: 'User:alice may not do this: it needs READ on the group a b.',
    code: 'GROUP_AUTHORIZATION_FAILED',
    missing: { operation: 'READ', resourceType: 'GROUP', resourceName: 'a b' },
  })
  assert.deepEqual(changes, [])
})

test('pages of other sites change nothing, nor does what carries no origin', async (t) => {
  const { url, post } = await served(t)
  const { port } = new URL(url)
  const others = [
    'http://evil.example',
    'null',
    `https://127.0.0.1:${port}`,
    `http://127.0.0.1`,
    `${url}.evil.example`,
    '',
  ]
  for (const origin of others) {
    const answer = await post({ origin })
    assert.equal(answer.status, 403, origin)
    assert.match(
      ((await answer.json()) as { error: string }).error,
      /Changes are taken from pages of this address alone/,
    )
  }
  assert.deepEqual(changes, [])
})

test('a change without a login is 401, and what is not sent as JSON is 415, as browsers send forms', async (t) => {
  const { url, post } = await served(t)
  const unknown = await fetch(`${url}/api/groups/a%20b/reset`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json', cookie: `authorization=${authorization}` },
    body: '{}',
  })
  assert.equal(unknown.status, 401)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    assert.equal((await post({ 'content-type': type })).status, 415, type)
  }
  assert.equal((await post({}, '{"to":')).status, 400)
  assert.equal((await post({}, '')).status, 400)
  assert.equal((await fetch(`${url}/api/groups/a/reset`, { headers: { authorization } })).status, 405)
  assert.deepEqual(changes, [])
})

test('of a body no more is taken than a change can need, whether its length is told or not', async (t) => {
  const { post } = await served(t)
  const large = JSON.stringify('x'.repeat(70_000))
  assert.equal((await post({}, large)).status, 413)
  const pieces = new ReadableStream({
    pull: (controller) => controller.enqueue(Buffer.alloc(10_000, ' ')),
  })
  assert.equal((await post({}, pieces)).status, 413)
  assert.deepEqual(changes, [])
})

test('answers of all kinds tell browsers to keep them, frame them and run them nowhere', async (t) => {
  const { url } = await served(t, ['DESCRIBE CLUSTER kafka-cluster'])
  const paths: readonly [string, number, Record<string, string>][] = [
    ['/page', 200, { authorization }],
    ['/page', 401, {}],
    ['/nothing', 404, {}],
  ]
  for (const [path, status, headers] of paths) {
    const answer = await fetch(`${url}${path}`, { headers })
    assert.equal(answer.status, status)
    assert.equal(answer.headers.get('cache-control'), 'no-store', path)
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', path)
    assert.equal(answer.headers.get('x-frame-options'), 'DENY', path)
    assert.match(
      answer.headers.get('content-security-policy') ?? '',
      /default-src 'none'.*frame-ancestors 'none'/,
      path,
    )
    assert.equal(answer.headers.get('access-control-allow-origin'), null, path)
  }
})

/** Timers that a test lets go off. */
class HeldClock implements Clock {
  readonly pending = new Set<() => void>()
  readonly delays: number[] = []
  now = () => 0
  monotonic = () => 0
  changed: () => void = () => undefined

  setTimer(delayMs: number, callback: () => void) {
    this.delays.push(delayMs)
    this.pending.add(callback)
    this.changed()
    return {
      cancel: () => {
        this.pending.delete(callback)
        this.changed()
      },
    }
  }

  async until(count: number): Promise<void> {
    while (this.pending.size !== count) {
      await new Promise<void>((resolve) => {
        this.changed = resolve
      })
    }
  }
}

test('a login that fails is answered late; who does not wait for that leaves nothing behind', async (t) => {
  const clock = new HeldClock()
  const { url, port } = await servedPages(t, { pages, rights, clock })
  const answer = fetch(`${url}/page`, { headers: { authorization: basic('alice', 'guessed-secret') } })
  await clock.until(1)
  assert.deepEqual(clock.delays, [100])
  for (const goesOff of clock.pending) goesOff()
  assert.equal((await answer).status, 401)
  assert.equal(clock.pending.size, 0)
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(`GET /page HTTP/1.1\r\nhost: localhost\r\nauthorization: ${basic('alice', 'guessed-secret')}\r\n\r\n`)
  await clock.until(1)
  socket.destroy()
  await clock.until(0)
})

test('the audit log tells of logins, those that fail and those that are done, and of what was denied', async (t) => {
  const { url, lines } = await servedPages(t, { pages, rights })
  const get = (headers: Record<string, string>) => fetch(`${url}/page`, { headers })
  await get({})
  assert.deepEqual(lines, [])
  await get({ authorization: basic('mallory', 'guessed-secret') })
  await get({ authorization })
  const who = { host: '127.0.0.1', listener: 'HTTP', clientId: '', api: 'GET /page' }
  const login = { operation: 'LOGIN', detail: 'Basic' }
  const told = lines.map((line) => JSON.parse(line)).map(({ time, count, ...line }) => line)
  assert.deepEqual(told, [
    { principal: 'User:ANONYMOUS', ...who, ...login, resource: 'USER mallory', outcome: 'failed' },
    { principal: 'User:alice', ...who, ...login, resource: 'USER alice', outcome: 'done' },
    {
      ...{ principal: 'User:alice', ...who, resource: 'CLUSTER kafka-cluster' },
      ...{ operation: 'DESCRIBE', outcome: 'denied' },
    },
  ])
})

test('nobody is delayed who has not tried to log in', async (t) => {
  const clock = new HeldClock()
  const { url } = await servedPages(t, { pages, rights, clock, allowed: ['DESCRIBE CLUSTER kafka-cluster'] })
  assert.equal((await fetch(`${url}/page`)).status, 401)
  assert.equal((await fetch(`${url}/page`, { headers: { authorization } })).status, 200)
  assert.deepEqual(clock.delays, [])
})
