import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime } from '@rivven/fakes'
import { ErrorCode, Fetch, FindCoordinator, Heartbeat, Metadata, Produce, type ProduceRequest } from '@rivven/protocol'
import { Consumer, Producer } from '../../src/index.js'
import { Cluster } from '../../src/net/cluster.js'
import { type Asked, TinyCluster } from '../support/tiny-cluster.js'

/** Silence is noticed after a longest pause, looked at as often; metadata may be asked just before the change. */
const promptMs = 3_500

/** Brokers that each lead a partition of `orders`. A broker that is held takes connections and says nothing. */
function scene(seed = 1, brokers = 2) {
  const runtime = fakeRuntime(seed)
  const { clock, network } = runtime
  const tiny = new TinyCluster(network, brokers)
  const partitions = tiny.createTopic('orders', brokers)
  const held = new Set<number>()
  tiny.fate = ({ broker }) => (held.has(broker) ? 'silence' : 'answer')
  /** The cluster goes on without it: `other` leads what it led. */
  const passOver = (broker: number, other: number) => {
    tiny.gone.add(broker)
    for (const partition of partitions) if (partition.leader === broker) partition.leader = other
  }
  return { runtime, clock, network, tiny, partitions, held, passOver, bootstrapServers: tiny.bootstrapServers }
}

/** How long it takes from now on until somebody is asked so. */
async function timeUntil({ clock, tiny }: ReturnType<typeof scene>, isIt: (asked: Asked) => boolean): Promise<number> {
  const [before, seen] = [clock.monotonic(), tiny.asked.length]
  while (!tiny.asked.slice(seen).some(isIt) && clock.monotonic() < before + 60_000) await clock.advance(10)
  return clock.monotonic() - before
}

const isBatchFor = (broker: number) => (asked: Asked) =>
  asked.api === Produce && asked.broker === broker && (asked.request as ProduceRequest).topicData.length > 0

for (const leader of [0, 1]) {
  test(`a batch under way to broker ${leader} that is held goes to the next leader as soon as there is one`, async () => {
    const world = scene()
    const { runtime, clock, held, passOver, partitions, bootstrapServers } = world
    const producer = new Producer({ bootstrapServers, runtime })
    const record = (value: string) => ({ topic: 'orders', partition: leader, value })
    await clock.until(producer.send(record('before')))
    held.add(leader)
    const sending = producer.send(record('x'))
    await clock.advance(3_000)
    passOver(leader, 1 - leader)
    const took = await timeUntil(world, isBatchFor(1 - leader))
    assert.ok(took <= promptMs, `${took} ms`)
    await clock.until(sending)
    assert.deepEqual(partitions[leader]!.values, ['before', 'x'])
    await clock.until(producer.close())
  })
}

const silences: [string, (world: ReturnType<typeof scene>) => void][] = [
  ['a broker that is held', ({ held }) => void held.add(1)],
  ['a machine that takes no connections', ({ network }) => void network.silent.add('broker-1:9001')],
]

for (const [what, silence] of silences) {
  test(`a batch that waits for the connection to ${what} goes to the next leader, too`, async () => {
    const world = scene()
    const { runtime, clock, passOver, bootstrapServers } = world
    silence(world)
    const producer = new Producer({ bootstrapServers, runtime })
    const sending = producer.send({ topic: 'orders', partition: 1, value: 'x' })
    await clock.advance(3_000)
    passOver(1, 0)
    const took = await timeUntil(world, isBatchFor(0))
    assert.ok(took <= promptMs, `${took} ms`)
    await clock.until(sending)
    await clock.until(producer.close())
  })
}

test('a consumer whose fetch waits at a broker that is held fetches from the next leader', async () => {
  const world = scene()
  const { runtime, clock, tiny, held, passOver, bootstrapServers } = world
  tiny.scripts.set(Fetch, () => undefined)
  const consumer = new Consumer({ bootstrapServers, runtime })
  await consumer.assign([{ topic: 'orders', partition: 1 }])
  consumer.seek({ topic: 'orders', partition: 1, offset: 0 })
  const polling = consumer.poll(50_000).catch(() => [])
  await timeUntil(world, ({ api, broker }) => api === Fetch && broker === 1)
  held.add(1)
  await clock.advance(3_000)
  passOver(1, 0)
  const took = await timeUntil(world, ({ api, broker }) => api === Fetch && broker === 0)
  assert.ok(took <= promptMs, `${took} ms`)
  await clock.until(Promise.all([consumer.close(), polling]))
})

test('what anybody can answer is asked of another broker when the first says nothing', async () => {
  const { runtime, clock, tiny, held, bootstrapServers } = scene()
  const cluster = new Cluster({ bootstrapServers, runtime })
  await clock.until(cluster.metadata(['orders']))
  tiny.scripts.set(FindCoordinator, ({ version, request }) => {
    const found = { nodeId: 1, host: 'broker-1', port: 9001, errorCode: ErrorCode.NONE }
    const {
      coordinatorKeys: [key],
    } = request as { coordinatorKeys: string[] }
    return version >= 4 ? { coordinators: [{ key, ...found }] } : found
  })
  held.add(0)
  const before = clock.monotonic()
  await clock.until(cluster.coordinator('g', 'group'))
  assert.ok(clock.monotonic() - before <= promptMs, `${clock.monotonic() - before} ms`)
  await clock.until(cluster.close())
})

test('who leads is asked of another broker when the answer of the first did not help', async () => {
  const waits: number[] = []
  for (let seed = 1; seed <= 100; seed++) {
    const world = scene(seed, 3)
    const { runtime, clock, tiny, passOver, bootstrapServers } = world
    const producer = new Producer({ bootstrapServers, runtime })
    const record = (partition: number) => ({ topic: 'orders', partition, value: 'x' })
    await clock.until(Promise.all([0, 1, 2].map((partition) => producer.send(record(partition)))))
    tiny.cut(1)
    passOver(1, 2)
    const sending = producer.send(record(1))
    waits.push(await timeUntil(world, isBatchFor(2)))
    await clock.until(sending)
    await clock.until(producer.close())
  }
  assert.ok(Math.max(...waits) <= 300, waits.join(', '))
})

test('a slow answer of the only broker is waited for, and it is not asked again and again', async () => {
  const runtime = fakeRuntime()
  const { clock, network } = runtime
  const tiny = new TinyCluster(network, 1)
  const cluster = new Cluster({ bootstrapServers: tiny.bootstrapServers, runtime })
  await clock.until(cluster.metadata([]))
  const late: Asked[] = []
  tiny.scripts.set(Heartbeat, (asked) => void late.push(asked))
  const beat = cluster.send(0, Heartbeat, { groupId: 'g' }, { channel: 'coordinator' })
  const before = tiny.requestsOf(Metadata).length
  await clock.advance(5_500)
  const asked = tiny.requestsOf(Metadata).length - before
  assert.ok(asked >= 1 && asked <= 6, `${asked} requests in 5.5 s`)
  tiny.reply(late[0]!, { errorCode: ErrorCode.NONE })
  await clock.until(beat)
  await clock.advance(5_000)
  assert.equal(tiny.requestsOf(Metadata).length - before, asked, 'nobody asks where nothing is late')
  await clock.until(cluster.close())
})
