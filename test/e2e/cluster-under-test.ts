import { Admin, Consumer, type ConsumerOptions, Producer } from '@rivven/client'
import { type Rivven, type RivvenCluster, startRivven, startRivvenCluster } from '@rivven/testing'

/** One broker; with RIVVEN_TEST_BROKERS so many. */
export function startBrokers(config: Record<string, unknown> = {}): Promise<Rivven | RivvenCluster> {
  const brokers = Number(process.env.RIVVEN_TEST_BROKERS ?? 1)
  return brokers === 1 ? startRivven({ config }) : startRivvenCluster({ brokers, config })
}

/**
 * A broker for one test: Rivven in this process, or whatever RIVVEN_TEST_KAFKA (host:port) names, so that the same tests
 * run against Apache Kafka (with group.initial.rebalance.delay.ms=0); with RIVVEN_TEST_BROKERS so many brokers in this process.
 */
export async function clusterUnderTest(config: Record<string, unknown> = {}) {
  const kafka = process.env.RIVVEN_TEST_KAFKA
  const opened: { close(): Promise<unknown> }[] = []
  const use = <Opened extends { close(): Promise<unknown> }>(one: Opened): Opened => {
    opened.unshift(one)
    return one
  }
  const started = kafka ? null : use(await startBrokers(config))
  const broker = started && 'broker' in started ? started : null
  const bootstrapServers = kafka ?? started!.bootstrapServers
  const producer = use(new Producer({ bootstrapServers }))
  const admin = use(new Admin({ bootstrapServers }))
  const unique = Math.random().toString(36).slice(2, 8)

  return {
    bootstrapServers,
    producer,
    admin,
    broker,
    /** Kills what this test runs on, and starts it again: of several brokers one after the other. */
    async restart(): Promise<void> {
      if (!started || 'broker' in started) return started?.restart('kill')
      for (const { id } of started.brokers) {
        await started.kill(id)
        await started.restart(id)
      }
    },
    /** The name with something behind it that no other test has. */
    name: (word: string) => `${word}-${unique}`,
    consumer(options: Partial<ConsumerOptions> = {}): Consumer {
      const quick = { heartbeatIntervalMs: 100, fetchMaxWaitMs: 100, autoOffsetReset: 'earliest' } as const
      return use(new Consumer({ bootstrapServers, sessionTimeoutMs: 6000, ...quick, ...options }))
    },
    /** Makes a topic and writes values 0, 1, 2, … to each of its partitions. */
    async topicWith(word: string, partitions: number, recordsEach: number): Promise<string> {
      const topic = `${word}-${unique}`
      await admin.createTopics([{ name: topic, partitions, replicationFactor: 1 }])
      for (let partition = 0; partition < partitions; partition++) {
        for (let value = 0; value < recordsEach; value++) await producer.send({ topic, partition, value: `${value}` })
      }
      return topic
    },
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one.close()
    },
  }
}

/** Polls until `count` records have come; fails after `withinMs`. */
export async function read(consumer: Consumer, count: number, withinMs = 60_000) {
  const records: Awaited<ReturnType<Consumer['poll']>> = []
  const deadline = performance.now() + withinMs
  while (records.length < count) {
    if (performance.now() > deadline) throw new Error(`${records.length} of ${count} records came in ${withinMs} ms`)
    records.push(...(await consumer.poll(200)))
  }
  return records
}

/** Polls all of them, beside one another, until the condition holds; returns what came meanwhile. */
export async function pollUntil(consumers: readonly Consumer[], condition: () => boolean, withinMs = 60_000) {
  const deadline = performance.now() + withinMs
  const all = await Promise.all(
    consumers.map(async (consumer) => {
      const records: Awaited<ReturnType<Consumer['poll']>> = []
      while (!condition()) {
        if (performance.now() > deadline) throw new Error(`the condition did not hold within ${withinMs} ms`)
        records.push(...(await consumer.poll(50)))
      }
      return records
    }),
  )
  return all.flat()
}
