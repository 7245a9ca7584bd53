import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { type TestContext, test } from 'node:test'
import { nameToPath, RivvenCall } from '@rivven/protocol'
import { allRoutes } from '../../src/api/all-routes.js'
import type { Route } from '../../src/api/route.js'
import { chance } from '../chance.js'
import { busyBroker } from './busy-broker.js'

/** `REQUESTS=100000 npm test -- api/random`: so many, however long it takes; else as many as fit into some seconds. */
const wanted = Number(process.env.REQUESTS ?? 0)
const patienceMs = 8_000
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

const names = [
  'g/1',
  'idle',
  'orders',
  'payments',
  '',
  '.',
  '..',
  '~',
  '~x',
  '0',
  '1',
  '-1',
  '9007199254740993',
  '__proto__',
  'ü\u202e',
  'a'.repeat(300),
]
const odd = ['%', '%zz', '%ff', '%00', '~x', '', '..', '?', '&&==', '%F0%9F%98%80']
const values = [
  '',
  '0',
  '1',
  '-1',
  '500',
  '501',
  '1000',
  '1e9',
  'true',
  'desc',
  'lag',
  'Stable,Empty',
  'x',
  '0:0,1:3',
  '99999999999999999999',
  '\u0000',
  'eyJhIjoxfQ',
]
const bodies: readonly unknown[] = [
  ...[undefined, null, [], 'x', 5, {}, { memberIds: ['x'] }, { memberIds: 'x', reason: 'y' }, { memberIds: [null] }],
  ...[
    { draining: true },
    { draining: 'maybe' },
    { call: {} },
    { nudges: [{}] },
    { reason: { a: 1 } },
    { to: 'latest', live: true, handoverMs: 0 },
    { to: 'offsets', offsets: [{ topic: 'orders', partition: 0, offset: 2 }] },
    { to: 'snapshot', dryRun: true },
    { to: 'shift', shift: -9_007_199_254_740_991, topics: [{ topic: 'payments' }], create: true },
    { to: 'time', time: 1e30, topics: [{ topic: 'orders', partitions: [1, 1] }] },
    { to: 'offset', offset: 1, topics: [{}] },
    { __proto__: { a: 1 } },
  ],
]

interface Asked {
  readonly method: string
  readonly target: string
  readonly body: unknown
}

type Below = (below: number) => number

function anyRequest(below: Below, routes: readonly Route[]): Asked {
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item
  const route = pick(routes)
  const [method = '', pattern = ''] = route.name.split(' ')
  const path = pattern.replaceAll(/:\w+/g, () => (below(8) === 0 ? pick(odd) : nameToPath(pick(names))))
  const known = Object.keys(route.query)
  const query = Array.from({ length: below(4) }, () => {
    const name = known.length > 0 && below(10) > 0 ? pick(known) : pick(names)
    return `${encodeURIComponent(name)}=${below(9) === 0 ? pick(odd) : encodeURIComponent(pick(values))}`
  })
  const target = query.length > 0 ? `${path}?${query.join('&')}` : path
  return {
    method: below(20) === 0 ? pick(['GET', 'POST', 'DELETE', 'PUT', 'HEAD']) : method,
    target: below(50) === 0 ? target.slice(0, below(target.length)) || '/' : target,
    body: pick(bodies),
  }
}

async function untilEnough(each: (at: number) => Promise<void>): Promise<number> {
  const begun = performance.now()
  for (let at = 0; ; at++) {
    if (wanted > 0 ? at >= wanted / 2 : performance.now() - begun > patienceMs / 2) return at
    await each(at)
  }
}

async function scene(t: TestContext) {
  t.diagnostic(`SEED=${seed}`)
  return { below: chance(seed), ...(await busyBroker(t, { connection_failed_authentication_delay_ms: 0 })) }
}

/** Connections that are kept. */
function asker(t: TestContext, url: string): (asked: Asked) => Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const { port } = new URL(url)
  const headers = { host: 'localhost', 'content-type': 'application/json', 'x-rivven-action': '1' }
  return ({ method, target, body }) =>
    new Promise((resolve, reject) => {
      const sent = method === 'GET' || method === 'HEAD' ? undefined : JSON.stringify(body)
      const asked = request({ agent, port, host: '127.0.0.1', method, path: target, headers }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0))
      })
      asked.once('error', reject).end(sent)
    })
}

test('no request over HTTP, whatever it says, meets a bug', async (t) => {
  const { below, broker } = await scene(t)
  const ask = asker(t, broker.url)
  const statuses = new Map<number, number>()
  const count = await untilEnough(async (at) => {
    const asked = anyRequest(below, allRoutes)
    const target = asked.target.startsWith('/') ? asked.target : `/${asked.target}`
    const status = await ask({ ...asked, target })
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    assert.notEqual(
      status,
      500,
      `request ${at} with SEED=${seed}: ${asked.method} ${target} ${JSON.stringify(asked.body)}`,
    )
  })
  t.diagnostic(`${count} requests: ${[...statuses].map(([status, times]) => `${status} x ${times}`).join(', ')}`)
  assert.ok((statuses.get(200) ?? 0) > 0)
})

test('no call over Kafka’s protocol, whatever it says, meets a bug, which would close the connection', async (t) => {
  const { below, broker } = await scene(t)
  const count = await untilEnough(async (at) => {
    const { method, target, body } = anyRequest(below, allRoutes)
    const json = body === undefined ? null : Buffer.from(below(20) === 0 ? '{"a":' : JSON.stringify(body))
    const { status } = await broker.call(RivvenCall, 0, { method, path: target, body: json })
    assert.notEqual(status, 500, `call ${at} with SEED=${seed}: ${method} ${target}`)
  })
  t.diagnostic(`${count} calls`)
})
