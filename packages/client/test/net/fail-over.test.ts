import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime } from '@rivven/fakes'
import { Fetch, ListOffsets, Produce, type ProduceRequest, type RequestOf } from '@rivven/protocol'
import { Consumer, Producer } from '../../src/index.js'
import { type Asked, TinyCluster } from '../support/tiny-cluster.js'

/** The longest pause between tries, and what chance adds to it. */
const longestPauseMs = 1_200

/** Broker 1 leads the second partition of `orders` and does not run; nobody else leads that yet. */
function scene(seed: number) {
  const runtime = fakeRuntime(seed)
  const { clock, network } = runtime
  const tiny = new TinyCluster(network, 2)
  const [, partition] = tiny.createTopic('orders', 2)
  network.down.add('broker-1:9001')
  return { runtime, clock, network, tiny, partition: partition!, bootstrapServers: tiny.bootstrapServers }
}

/** Broker 0 takes over after three seconds: how long after that it hears of the partition, each time for another seed. */
async function waitsUntil(
  asked: (one: Asked) => boolean,
  begin: (world: ReturnType<typeof scene>) => Promise<Closing>,
) {
  const waits: number[] = []
  for (let seed = 1; seed <= 30; seed++) {
    const world = scene(seed)
    const { clock, tiny, partition } = world
    const client = await begin(world)
    await clock.advance(3_000)
    partition.leader = 0
    const before = clock.monotonic()
    const isHeard = () => tiny.asked.some((one) => one.broker === 0 && asked(one))
    while (!isHeard() && clock.monotonic() < before + 10_000) await clock.advance(10)
    waits.push(clock.monotonic() - before)
    await clock.until(Promise.all([client.close(), client.work.catch(() => undefined)]))
  }
  return waits
}

interface Closing {
  work: Promise<unknown>
  close(): Promise<void>
}

function assertPrompt(waits: readonly number[]): void {
  const longest = Math.max(...waits)
  assert.ok(longest <= longestPauseMs, `the longest wait was ${longest} ms: ${waits.join(', ')}`)
}

function namesOrders1({ topics }: RequestOf<typeof ListOffsets>): boolean {
  return topics.some(({ partitions }) => partitions.some(({ partitionIndex }) => partitionIndex === 1))
}

test('a producer sends to the next leader within a pause of its election', async () => {
  const waits = await waitsUntil(
    ({ api, request }) => api === Produce && (request as ProduceRequest).topicData.length > 0,
    async ({ runtime, bootstrapServers }) => {
      const producer = new Producer({ bootstrapServers, runtime })
      return { work: producer.send({ topic: 'orders', partition: 1, value: 'x' }), close: () => producer.close() }
    },
  )
  assertPrompt(waits)
})

test('a consumer that starts while a leader is gone asks the next one within a pause of its election', async () => {
  const waits = await waitsUntil(
    ({ api, request }) => api === ListOffsets && namesOrders1(request as RequestOf<typeof ListOffsets>),
    async ({ runtime, tiny, bootstrapServers }) => {
      tiny.scripts.set(ListOffsets, ({ request }) => {
        const { topics } = request as RequestOf<typeof ListOffsets>
        const answers = topics.map(({ name, partitions }) => {
          return { name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, offset: 0 })) }
        })
        return { topics: answers }
      })
      tiny.scripts.set(Fetch, () => undefined)
      const consumer = new Consumer({ bootstrapServers, runtime, autoOffsetReset: 'earliest', allowAutoCreate: false })
      await consumer.assign([0, 1].map((partition) => ({ topic: 'orders', partition })))
      return { work: consumer.poll(20_000), close: () => consumer.close() }
    },
  )
  assertPrompt(waits)
})
