import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime, settle } from '@rivven/fakes'
import { ApiVersions, ErrorCode, FindCoordinator, Heartbeat, Metadata } from '@rivven/protocol'
import { Cluster } from '../../src/net/cluster.js'
import { TinyCluster } from '../support/tiny-cluster.js'

function scene(brokers = 3) {
  const runtime = fakeRuntime()
  const tiny = new TinyCluster(runtime.network, brokers)
  const cluster = new Cluster({ bootstrapServers: tiny.bootstrapServers, runtime, requestTimeoutMs: 5000 })
  tiny.scripts.set(Heartbeat, () => ({ errorCode: 0 }))
  return { runtime, clock: runtime.clock, network: runtime.network, tiny, cluster }
}

test('the highest version that both sides know is spoken', async () => {
  const { clock, tiny, cluster } = scene()
  tiny.versions = (api) => (api === Heartbeat ? { min: 0, max: 2 } : api.versions)
  await clock.until(cluster.send('any', Heartbeat, { groupId: 'g' }))
  assert.equal(tiny.requestsOf(Heartbeat)[0]!.version, 2)
  assert.equal(await clock.until(cluster.version('any', Heartbeat)), 2)
})

test('an API that the broker has not in common with us is an error that says so', async () => {
  const { clock, tiny, cluster } = scene()
  tiny.versions = (api) => (api === Heartbeat ? { min: 90, max: 99 } : api.versions)
  const error = await clock.until(cluster.send('any', Heartbeat, {}).catch((error) => error))
  assert.equal(error.code, 'UNSUPPORTED_BY_BROKER')
  assert.match(error.message, /offers versions 90 to 99/)
})

test('a broker that does not know our ApiVersions is asked again with what it knows', async () => {
  const { clock, tiny, cluster } = scene()
  const old = ({ version }: { version: number }) => {
    const apiKeys = [
      { apiKey: 18, minVersion: 0, maxVersion: 2 },
      { apiKey: 12, minVersion: 0, maxVersion: 3 },
    ]
    return version > 2 ? { errorCode: ErrorCode.UNSUPPORTED_VERSION, apiKeys: apiKeys.slice(0, 1) } : { apiKeys }
  }
  tiny.scripts.set(ApiVersions, old)
  tiny.answerVersion = ({ api, version }) => (api === ApiVersions && version > 2 ? 0 : version)
  await clock.until(cluster.send('any', Heartbeat, { groupId: 'g' }))
  assert.deepEqual(
    tiny.requestsOf(ApiVersions).map(({ version }) => version),
    [ApiVersions.versions.max, 2],
  )
  assert.equal(tiny.requestsOf(Heartbeat)[0]!.version, 3)
})

test('many that ask for metadata share one request', async () => {
  const { clock, tiny, cluster } = scene()
  tiny.createTopic('a', 2)
  tiny.createTopic('b', 1)
  const asking = Promise.all([
    cluster.metadata(['a']),
    cluster.metadata(['b']),
    cluster.metadata(['a', 'b']),
    cluster.refresh(),
  ])
  await clock.until(asking)
  assert.equal(tiny.requestsOf(Metadata).length, 1)
  assert.equal(cluster.leaderOf('a', 1), 1)
  assert.equal(cluster.image.topics.get('b')!.partitions.length, 1)
  await clock.until(cluster.metadata(['a']))
  assert.equal(tiny.requestsOf(Metadata).length, 1)
})

test('metadata is asked for again when it is old', async () => {
  const { clock, tiny, cluster } = scene()
  tiny.createTopic('a', 1)
  await clock.until(cluster.metadata(['a']))
  tiny.topics.get('a')![0]!.leader = 2
  await clock.advance(300_000)
  assert.equal(cluster.leaderOf('a', 0), 2)
})

test('requests to one broker leave in the order of the calls, also while its connection is opened', async () => {
  const { clock, tiny, cluster } = scene()
  await clock.until(cluster.metadata([]))
  const sent: Promise<unknown>[] = []
  for (let index = 0; index < 50; index++) {
    sent.push(cluster.send(1, Heartbeat, { groupId: String(index) }))
    if (index % 5 === 0) await Promise.resolve()
    if (index % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await clock.until(Promise.all(sent))
  const order = tiny.requestsOf(Heartbeat).map(({ request }) => Number((request as { groupId: string }).groupId))
  assert.deepEqual(
    order,
    Array.from({ length: 50 }, (_, index) => index),
  )
})

test('channels of a broker are connections of their own', async () => {
  const { clock, tiny, cluster, network } = scene()
  await clock.until(cluster.metadata([]))
  const before = network.connections.length
  const send = (channel: 'main' | 'fetch' | 'coordinator') => cluster.send(2, Heartbeat, {}, { channel })
  await clock.until(Promise.all([send('main'), send('fetch'), send('coordinator'), send('fetch')]))
  assert.equal(network.connections.length - before, 3)
  assert.equal(new Set(tiny.requestsOf(Heartbeat).map(({ end }) => end)).size, 3)
})

test('when all brokers are gone the bootstrap servers are asked again', async () => {
  const { clock, network, tiny, cluster } = scene()
  await clock.until(cluster.metadata([]))
  tiny.createTopic('a', 1)
  for (const name of ['broker-1:9001', 'broker-2:9002']) network.down.add(name)
  for (const end of network.connections) end.close()
  await settle()
  await clock.until(cluster.metadata(['a']))
  assert.equal(cluster.image.topics.get('a')!.errorCode, ErrorCode.NONE)
})

test('a coordinator is looked up once, until it is forgotten or its connection is lost', async () => {
  const { clock, tiny, cluster } = scene()
  let failures = 2
  tiny.scripts.set(FindCoordinator, () => {
    const errorCode = failures-- > 0 ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.NONE
    return { coordinators: [{ key: 'g', nodeId: 2, host: 'broker-2', port: 9002, errorCode }] }
  })
  const found = await clock.until(Promise.all([cluster.coordinator('g', 'group'), cluster.coordinator('g', 'group')]))
  assert.deepEqual(found, [2, 2])
  assert.equal(tiny.requestsOf(FindCoordinator).length, 3)
  cluster.forgetCoordinator('g', 'group')
  await clock.until(cluster.coordinator('g', 'group'))
  assert.equal(tiny.requestsOf(FindCoordinator).length, 4)
  await clock.until(cluster.send(2, Heartbeat, {}, { channel: 'coordinator' }))
  tiny.requestsOf(Heartbeat)[0]!.end.close()
  await settle()
  await clock.until(cluster.coordinator('g', 'group'))
  assert.equal(tiny.requestsOf(FindCoordinator).length, 5)
})

test('a newer leader is taken from a hint, an older one is not', async () => {
  const { clock, tiny, cluster } = scene()
  tiny.createTopic('a', 1)
  await clock.until(cluster.metadata(['a']))
  cluster.hintLeader({ topic: 'a', partition: 0, leader: 2, leaderEpoch: 5 })
  assert.equal(cluster.leaderOf('a', 0), 2)
  cluster.hintLeader({ topic: 'a', partition: 0, leader: 1, leaderEpoch: 4 })
  assert.equal(cluster.leaderOf('a', 0), 2)
})

test('close fails what is in flight, and what comes after', async () => {
  const { clock, tiny, cluster } = scene()
  tiny.fate = ({ api }) => (api === Heartbeat ? 'silence' : 'answer')
  const call = cluster.send('any', Heartbeat, {})
  call.catch(() => undefined)
  await clock.advance(10)
  await cluster.close()
  await assert.rejects(call, { code: 'CLIENT_CLOSED' })
  await assert.rejects(cluster.send('any', Heartbeat, {}), { code: 'CLIENT_CLOSED' })
  await settle()
  assert.equal(clock.pending, 0)
})

test('close closes a connection that does not know yet what its broker speaks', async () => {
  const { clock, network, tiny, cluster } = scene()
  tiny.fate = ({ api }) => (api === ApiVersions ? 'silence' : 'answer')
  const call = cluster.send('any', Heartbeat, {})
  call.catch(() => undefined)
  await clock.advance(10)
  assert.equal(tiny.requestsOf(ApiVersions).length, 1)
  await cluster.close()
  await settle()
  assert.deepEqual(
    network.connections.map(({ isClosed }) => isClosed),
    [true],
  )
  await assert.rejects(call, { code: 'CLIENT_CLOSED' })
  assert.equal(clock.pending, 0)
})
