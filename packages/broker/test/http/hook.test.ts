import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Clock } from '@rivven/runtime'
import { route } from '../../src/api/route.js'
import { flag, shape } from '../../src/api/shape.js'
import { text } from '../../src/config/setting.js'
import type { GuardedPage } from '../../src/http/page.js'
import { basic } from './guarded-broker.js'
import { servedPages } from './served-pages.js'

const authorization = basic('alice', 'alice-secret')
const changes: unknown[] = []
const reset = route(
  {
    name: 'POST /api/groups/:group/reset',
    about: 'Something is changed.',
    rights: { needs: 'READ GROUP' },
    body: { to: text('latest', 'Where to.') },
    answer: shape('Done', { done: flag('It is.') }),
    change: { operation: 'ALTER', type: 'GROUP', of: 'group' },
  },
  ({ path, caller, body }) => {
    changes.push({ group: path.group, by: caller.access.principal, body })
    return { done: true }
  },
)
const page: GuardedPage = {
  kind: 'guarded',
  path: '/page',
  rights: { needs: 'DESCRIBE CLUSTER', anonymous: 'all' },
  answer: (context) => context.html('<p>a page</p>'),
}
const shown = { pages: [page], routes: [reset] }

async function served(t: TestContext, allowed: Parameters<typeof servedPages>[1]['allowed'] = ['READ GROUP a b']) {
  changes.length = 0
  const { url, port, asked, lines } = await servedPages(t, { ...shown, allowed })
  const usual = { authorization, origin: url, 'content-type': 'application/json', 'x-rivven-action': '1' }
  /** A header that is null is left out. */
  const post = (headers: Record<string, string | null> = {}, body: RequestInit['body'] = '{"to":"earliest"}') => {
    const sent = Object.entries({ ...usual, ...headers }).filter((entry) => entry[1] !== null) as [string, string][]
    return fetch(`${url}/api/groups/a%20b/reset`, {
      method: 'POST',
      headers: sent,
      body,
      duplex: 'half',
    } as RequestInit)
  }
  return { url, port, asked, post, lines }
}

async function codeOf(answer: Response): Promise<unknown> {
  assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  return ((await answer.json()) as { code: string }).code
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
  const { type, title, hint, ...problem } = (await answer.json()) as Record<string, string>
  assert.match(type ?? '', /^\/docs\/errors#group-authorization-failed$/)
  assert.equal(typeof title, 'string')
  assert.match(hint ?? '', /rivvenctl acl allow/)
  assert.deepEqual(problem, {
    detail: 'User:alice may not do this: it needs READ on the group a b.',
    status: 403,
    code: 'GROUP_AUTHORIZATION_FAILED',
    missing: { operation: 'READ', resourceType: 'GROUP', resourceName: 'a b' },
  })
  assert.deepEqual(changes, [])
})

test('pages of other sites change nothing', async (t) => {
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
  for (const origin of others) assert.equal(await codeOf(await post({ origin })), 'FOREIGN_ORIGIN', origin)
  for (const site of ['cross-site', 'same-site', ''])
    assert.equal(await codeOf(await post({ 'sec-fetch-site': site })), 'FOREIGN_ORIGIN', site)
  assert.deepEqual(changes, [])
  for (const [name, value] of [
    ['origin', null],
    ['sec-fetch-site', 'same-origin'],
    ['sec-fetch-site', 'none'],
  ] as const)
    assert.equal((await post({ [name]: value })).status, 200)
})

test('a change lacks each of its headers in vain', async (t) => {
  const { post } = await served(t)
  assert.equal(await codeOf(await post({ 'x-rivven-action': null })), 'ACTION_HEADER_MISSING')
  assert.equal(await codeOf(await post({ 'x-rivven-action': '0' })), 'ACTION_HEADER_MISSING')
  assert.equal(await codeOf(await post({ 'content-type': null }, Buffer.from('{}'))), 'WRONG_CONTENT_TYPE')
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
    assert.equal(await codeOf(await post({ 'content-type': type })), 'WRONG_CONTENT_TYPE', type)
  assert.equal(
    await codeOf(await post({ authorization: null, cookie: `authorization=${authorization}` })),
    'LOGIN_NEEDED',
  )
  assert.deepEqual(changes, [])
})

test('a change of another form than its call takes is 400, and another method 405', async (t) => {
  const { url, post } = await served(t)
  assert.equal(await codeOf(await post({}, '{"to":')), 'INVALID_JSON')
  for (const body of ['[]', '"to"', '{"to":5}', '{"form":"x"}']) {
    assert.equal(await codeOf(await post({}, body)), 'INVALID_PARAMETER', body)
  }
  const get = await fetch(`${url}/api/groups/a/reset`, { headers: { authorization } })
  assert.equal(get.headers.get('allow'), 'POST')
  assert.equal(await codeOf(get), 'METHOD_NOT_ALLOWED')
  assert.deepEqual(changes, [])
})

test('of a body no more is taken than a change can need, whether its length is told or not', async (t) => {
  const { post } = await served(t)
  const large = JSON.stringify('x'.repeat(1_100_000))
  assert.equal((await post({}, large)).status, 413)
  const pieces = new ReadableStream({
    pull: (controller) => controller.enqueue(Buffer.alloc(100_000, ' ')),
  })
  assert.equal((await post({}, pieces)).status, 413)
  assert.deepEqual(changes, [])
})

test('no answer lets pages of other sites read it, whatever they ask beforehand', async (t) => {
  const { url } = await served(t)
  const asked = { origin: 'http://evil.example', 'access-control-request-method': 'POST' }
  const answer = await fetch(`${url}/api/groups/a/reset`, { method: 'OPTIONS', headers: asked })
  assert.equal(answer.status, 405)
  for (const [name] of answer.headers) assert.doesNotMatch(name, /^access-control-/)
})

test('a change is told to the audit, whether it was done or not', async (t) => {
  const { post, lines } = await served(t)
  await post()
  const told = lines.map((line) => JSON.parse(line)).filter(({ operation }) => operation === 'ALTER')
  assert.deepEqual(
    told.map(({ principal, resource, outcome }) => ({ principal, resource, outcome })),
    [{ principal: 'User:alice', resource: 'GROUP a b', outcome: 'done' }],
  )
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
    for (const name of ['cross-origin-opener-policy', 'cross-origin-resource-policy'])
      assert.equal(answer.headers.get(name), 'same-origin', path)
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer', path)
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
  const { url, port } = await servedPages(t, { ...shown, clock })
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
  const { url, lines } = await servedPages(t, shown)
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
  const { url } = await servedPages(t, { ...shown, clock, allowed: ['DESCRIBE CLUSTER kafka-cluster'] })
  assert.equal((await fetch(`${url}/page`)).status, 401)
  assert.equal((await fetch(`${url}/page`, { headers: { authorization } })).status, 200)
  assert.deepEqual(clock.delays, [])
})
