import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { test } from 'node:test'
import type { Coordinator } from '../../src/coordinator/groups/coordinator.js'
import { Health } from '../../src/http/health.js'
import { clusterOfOne } from '../cluster/image-fixture.js'
import { GroupClient } from './group-client.js'
import { HttpBroker } from './http-broker.js'

test('a broker that runs is live and ready', async (t) => {
  const broker = await HttpBroker.start()
  t.after(() => broker.close())
  const live = await broker.get('/health/live')
  assert.equal(live.status, 200)
  const ready = await broker.get('/health/ready')
  assert.equal(ready.status, 200)
  assert.deepEqual(await ready.json(), { ready: true, missing: [] })
})

test('readiness names what is missing at each step of a start, and the end', () => {
  const progress = { loaded: 49, shards: 50 }
  const health = new Health()
  assert.deepEqual(health.readiness, { ready: false, missing: ['storage is being opened'] })
  const logs = { waiting: { room: 0, descriptors: 0 } }
  health.storageOpened({ cluster: clusterOfOne, coordinator: { progress } as Coordinator, logs })
  assert.deepEqual(health.readiness.missing, [
    'groups are being loaded: 49 of 50 partitions are done',
    'no connections of clients are accepted yet',
  ])
  progress.loaded = 50
  health.listening()
  assert.deepEqual(health.readiness, { ready: true, missing: [] })
  logs.waiting = { room: 3, descriptors: 2 }
  const full = 'the disk is full: 3 partitions take no records until there is room'
  const out = 'out of file descriptors: 2 partitions take no records until there are some'
  assert.deepEqual(health.readiness, { ready: false, missing: [full, out] })
  logs.waiting = { room: 0, descriptors: 0 }
  health.ending()
  assert.deepEqual(health.readiness, { ready: false, missing: ['the broker is shutting down'] })
})

test('a group is shown with its members, assignments, offsets and lag', async (t) => {
  const broker = await HttpBroker.start()
  t.after(() => broker.close())
  const client = new GroupClient(broker)
  await client.makeTopic('orders')
  await client.produce('orders', 5)
  await client.commit('g/1', 'orders', 3)
  const memberId = await client.rebalance('g/1', 'orders')
  // There was no sample yet.
  const sampled = { sampledLag: null, lagSeconds: null, catchUpSeconds: null, eta: null, status: null }
  const row = { groupId: 'g/1', state: 'Stable', protocolType: 'consumer', memberCount: 1, lag: 2, ...sampled }
  const list = { items: [row], total: 1, next: null, missing: [], groups: [row] }
  assert.deepEqual(await broker.json('/api/groups'), list)
  const { offsets, ...group } = (await broker.json('/api/groups/g%2F1')) as { offsets: Record<string, unknown>[] }
  const member = {
    memberId,
    groupInstanceId: null,
    clientId: 'app',
    clientHost: '/127.0.0.1',
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    topics: ['orders'],
    assignment: [{ topic: 'orders', partitions: [0] }],
  }
  assert.deepEqual(group, {
    groupId: 'g/1',
    state: 'Stable',
    protocolType: 'consumer',
    memberCount: 1,
    lag: 2,
    ...sampled,
    protocol: 'range',
    generation: 1,
    leader: memberId,
    reset: null,
    offsetsExpireAt: null,
    members: [member],
  })
  const [{ committedAt, ...offset } = {}, ...more] = offsets
  assert.equal(typeof committedAt, 'number')
  assert.deepEqual(more, [])
  assert.deepEqual(offset, {
    topic: 'orders',
    partition: 0,
    committedOffset: 3,
    metadata: '',
    logStartOffset: 0,
    logEndOffset: 5,
    lag: 2,
  })
})

test('the rebalances of a group are told, oldest first', async (t) => {
  const broker = await HttpBroker.start()
  t.after(() => broker.close())
  const client = new GroupClient(broker)
  await client.makeTopic('orders')
  assert.deepEqual(await broker.json('/api/groups/g/timeline'), { rebalances: [], handOvers: [], before: null })
  const memberId = await client.rebalance('g', 'orders')
  await client.rebalance('g', 'orders', memberId)
  const { rebalances } = (await broker.json('/api/groups/g/timeline')) as { rebalances: Record<string, unknown>[] }
  assert.deepEqual(
    rebalances.map(({ groupId, generation, outcome, cause }) => ({ groupId, generation, outcome, cause })),
    [
      { groupId: 'g', generation: 1, outcome: 'stable', cause: 'first member' },
      { groupId: 'g', generation: 2, outcome: 'stable', cause: 'leader rejoined' },
    ],
  )
})

test('what is not there is 404 with a sentence, and nothing can be changed', async (t) => {
  const broker = await HttpBroker.start()
  t.after(() => broker.close())
  for (const path of ['/index.html', '/files/', '/nothing', '/api/groups/nobody']) {
    const response = await broker.get(path)
    assert.equal(response.status, 404, path)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.equal(typeof ((await response.json()) as { detail: string }).detail, 'string')
  }
  const response = await fetch(`${broker.url}/api/groups`, { method: 'POST' })
  assert.equal(response.status, 405)
  assert.equal(response.headers.get('allow'), 'GET, HEAD')
  assert.equal((await fetch(`${broker.url}/api/groups`, { method: 'HEAD' })).status, 200)
})

test('a web page whose name points to this machine is refused', async (t) => {
  const broker = await HttpBroker.start()
  t.after(() => broker.close())
  const port = new URL(broker.url).port
  const statusFor = async (host: string): Promise<number | undefined> => {
    const asked = request({ port, host: '127.0.0.1', path: '/api/groups', headers: { host } }).end()
    const [response] = await once(asked, 'response')
    response.resume()
    return response.statusCode
  }
  assert.equal(await statusFor(`localhost:${port}`), 200)
  assert.equal(await statusFor('[::1]:9644'), 200)
  assert.equal(await statusFor('evil.example'), 421)
  assert.equal(await statusFor('127.0.0.1.evil.example'), 421)
})

test('beyond loopback health is shown to everybody, groups and metrics are not', async (t) => {
  const broker = await HttpBroker.start({ http: '0.0.0.0:0' })
  t.after(() => broker.close())
  const statuses = async () =>
    Promise.all(
      ['/health/live', '/health/ready', '/metrics', '/api/groups'].map(async (path) => (await broker.get(path)).status),
    )
  assert.deepEqual(await statuses(), [200, 200, 403, 403])
})

test('an address for HTTP that is taken ends the start if the user named it', async (t) => {
  const first = await HttpBroker.start()
  t.after(() => first.close())
  const taken = first.url.replace('http://', '')
  await assert.rejects(
    HttpBroker.start({ http: taken }),
    /HTTP cannot be served on \S+ \(EADDRINUSE\)\. Choose another/,
  )
})

test('a broker that ends closes HTTP, too', async () => {
  const broker = await HttpBroker.start()
  await broker.get('/health/live')
  await broker.close()
  await assert.rejects(broker.get('/health/live'))
})
