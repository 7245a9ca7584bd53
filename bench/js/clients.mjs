// clients.mjs produce|consume --client kafkajs|platformatic|confluent [--topic T] [--records N] [--size BYTES]
//   [--batch RECORDS] [--inflight N] [--acks 1|-1] HOST:PORT
// Rates of one JavaScript client in one process. produce: sends of --batch records, --inflight of them at a time.
// consume: a new group reads --records from the beginning and only looks at the length of each value; the rate counts
// from the first record on, ready_ms is the time until it came. One JSON object on stdout.
import { parseArgs } from 'node:util'

const {
  positionals: [verb, address],
  values: o,
} = parseArgs({
  allowPositionals: true,
  options: {
    client: { type: 'string', default: 'kafkajs' },
    topic: { type: 'string', default: 'js' },
    records: { type: 'string', default: '500000' },
    size: { type: 'string', default: '1024' },
    batch: { type: 'string', default: '' },
    inflight: { type: 'string', default: '5' },
    acks: { type: 'string', default: '1' },
    label: { type: 'string' },
  },
})
if (!/^(127\.[\d.]+|localhost|\[::1\]):\d+$/.test(address ?? '') || !['produce', 'consume'].includes(verb)) {
  console.error('clients.mjs produce|consume --client NAME ... HOST:PORT (loopback only)')
  process.exit(2)
}
const records = Number(o.records),
  size = Number(o.size),
  inflight = Number(o.inflight),
  acks = Number(o.acks)
const batch = Number(o.batch || Math.max(1, Math.floor(65536 / (size + 10)))) // sends of about 64 KiB
const group = `js-${Date.now()}-${process.pid}`
const value = Buffer.alloc(size, 'x')

// each client: produce() gives { send(n), close() }, consume(done) calls done(count, bytes) and gives close()
const clients = {
  async kafkajs() {
    const { Kafka, logLevel, Partitioners } = (await import('kafkajs')).default
    const kafka = new Kafka({ brokers: [address], logLevel: logLevel.ERROR })
    return {
      async produce() {
        const producer = kafka.producer({
          createPartitioner: Partitioners.DefaultPartitioner,
          maxInFlightRequests: inflight,
        })
        await producer.connect()
        return {
          send: (n) => producer.send({ topic: o.topic, acks, messages: Array.from({ length: n }, () => ({ value })) }),
          close: () => producer.disconnect(),
        }
      },
      async consume(done) {
        const consumer = kafka.consumer({ groupId: group })
        await consumer.connect()
        await consumer.subscribe({ topic: o.topic, fromBeginning: true })
        await consumer.run({
          eachBatch: async ({ batch: { messages } }) => {
            let bytes = 0
            for (const m of messages) bytes += m.value.length
            done(messages.length, bytes)
          },
        })
        return () => consumer.disconnect()
      },
    }
  },
  async platformatic() {
    const { Producer, Consumer } = await import('@platformatic/kafka')
    const common = { clientId: 'bench', bootstrapBrokers: [address] }
    return {
      async produce() {
        const producer = new Producer({ ...common, maxInflights: inflight })
        return {
          send: (n) => producer.send({ acks, messages: Array.from({ length: n }, () => ({ topic: o.topic, value })) }),
          close: () => producer.close(),
        }
      },
      async consume(done) {
        const consumer = new Consumer({ ...common, groupId: group })
        const stream = await consumer.consume({
          topics: [o.topic],
          mode: 'earliest',
          autocommit: true,
          maxWaitTime: 500,
          maxBytes: 50 << 20,
        })
        stream.on('data', (m) => done(1, m.value.length))
        return async () => {
          await stream.close()
          await consumer.close(true)
        }
      },
    }
  },
  async rivven() {
    const { Producer, Consumer } = await import('@rivven/client')
    const common = { clientId: 'bench', bootstrapServers: [address] }
    return {
      async produce() {
        const producer = new Producer({
          ...common,
          acks: acks === -1 ? 'all' : acks,
          idempotent: acks === -1,
          maxInFlight: inflight,
        })
        return {
          send: (n) => producer.sendMany(Array.from({ length: n }, () => ({ topic: o.topic, value }))),
          close: () => producer.close(),
        }
      },
      async consume(done) {
        const consumer = new Consumer({
          ...common,
          groupId: group,
          autoOffsetReset: 'earliest',
          maxPollRecords: 10_000,
        })
        await consumer.subscribe([o.topic])
        let reading = true
        const loop = (async () => {
          while (reading) {
            let bytes = 0
            const batch = await consumer.poll(500)
            for (const record of batch) bytes += record.value.length
            if (batch.length > 0) done(batch.length, bytes)
          }
        })()
        return async () => {
          reading = false
          await loop
          await consumer.close()
        }
      },
    }
  },
}

const began = process.hrtime.bigint()
let first,
  seen = 0,
  total = 0
let cpu = process.cpuUsage(),
  client
client = await (await clients[o.client]())[verb === 'produce' ? 'produce' : 'consume'](progress)
if (verb === 'produce') cpu = process.cpuUsage() // of the sends alone; a consumer may have begun by now

function progress(count, bytes) {
  first ??= process.hrtime.bigint()
  seen += count
  total += bytes
  if (seen >= records && !progress.over) {
    progress.over = true
    report(Number(process.hrtime.bigint() - first) / 1e9, { ready_ms: Math.round(Number(first - began) / 1e6) })
    setTimeout(async () => {
      await client?.().catch(() => undefined)
      process.exit(0)
    }, 0)
    setTimeout(() => process.exit(0), 5000).unref()
  }
}

function report(seconds, more) {
  const used = process.cpuUsage(cpu)
  const round = (v) => Math.round(v * 100) / 100
  console.log(
    JSON.stringify({
      test: `js-${verb}`,
      broker: o.label,
      client: o.client,
      size,
      records: seen,
      seconds: round(seconds),
      records_s: Math.round(seen / seconds),
      mb_s: round(total / seconds / 1e6),
      ...more,
      client_cpu_s: round((used.user + used.system) / 1e6),
      client_rss_peak_mib: Math.round(process.resourceUsage().maxRSS / 1024),
    }),
  )
}

if (verb === 'produce') {
  await client.send(1) // metadata, connections and the topic are there before the clock starts
  const start = process.hrtime.bigint()
  let left = records
  await Promise.all(
    Array.from({ length: inflight }, async () => {
      while (left > 0) {
        const n = Math.min(batch, left)
        left -= n
        await client.send(n)
        seen += n
        total += n * size
      }
    }),
  )
  report(Number(process.hrtime.bigint() - start) / 1e9, { batch, inflight, acks })
  await client.close()
  process.exit(0)
}
