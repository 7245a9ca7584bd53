// copy.mjs [--records N] [--size BYTES] [--partitions N] [--per-transaction N] [--copiers N] [--rounds N] [--label NAME] HOST:PORT
// Rates of the copiers of a topic, one group: poll, send all, commit the offsets; with transactions and without, taking
// turns, in one process, each time into a new topic with a new group. `ratio` is the median with over the median without.
// open-end: how long a read_committed reader waits behind a producer that died in its transaction. JSON objects on stdout.
import { parseArgs } from 'node:util'
import { Admin, Consumer, Producer } from '@rivven/client'

const {
  positionals: [address],
  values: o,
} = parseArgs({
  allowPositionals: true,
  options: {
    records: { type: 'string', default: '100000' },
    size: { type: 'string', default: '100' },
    partitions: { type: 'string', default: '9' },
    'per-transaction': { type: 'string', default: '750' },
    copiers: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    label: { type: 'string', default: 'rivven' },
  },
})
if (!/^(127\.[\d.]+|localhost|\[::1\]):\d+$/.test(address ?? '')) {
  console.error('copy.mjs ... HOST:PORT (loopback only)')
  process.exit(2)
}
const [records, size, partitions, perTransaction, copiers, rounds] = [
  o.records,
  o.size,
  o.partitions,
  o['per-transaction'],
  o.copiers,
  o.rounds,
].map(Number)
const bootstrapServers = address
const run = `${Date.now()}-${process.pid}`
const admin = new Admin({ bootstrapServers })

async function topic(name) {
  await admin.createTopics([{ name: `${name}-${run}`, partitions, replicationFactor: 1 }])
  return `${name}-${run}`
}

/** Until all records are copied; returns them for each second from the first poll with records on. */
async function copy(input, isTransactional, round) {
  const name = `copy-${isTransactional ? 'transactional' : 'plain'}-${round}`
  const job = { input, output: await topic(name), name, isTransactional, copied: 0, startedAt: 0 }
  await Promise.all(Array.from({ length: copiers }, (_, index) => copier(job, index)))
  return Math.round(records / ((job.endedAt - job.startedAt) / 1000))
}

async function copier(job, index) {
  const { input, output, name, isTransactional } = job
  const transactionalId = isTransactional ? `${name}-${index}-${run}` : undefined
  const producer = new Producer({ bootstrapServers, transactionalId })
  const consumer = new Consumer({
    bootstrapServers,
    groupId: `${name}-${run}`,
    isolationLevel: isTransactional ? 'read_committed' : 'read_uncommitted',
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
    maxPollRecords: perTransaction,
  })
  await consumer.subscribe([input])
  const copies = (polled) => polled.map(({ partition, key, value }) => ({ topic: output, partition, key, value }))
  while (job.copied < records) {
    const polled = await consumer.poll(100)
    if (polled.length === 0) continue
    job.startedAt ||= performance.now()
    if (isTransactional) {
      // Both are on their way at once: only the commit waits for them.
      await producer.transaction((txn) =>
        Promise.all([txn.sendMany(copies(polled)), txn.commitOffsets(consumer.position())]),
      )
    } else {
      await producer.sendMany(copies(polled))
      await consumer.commit()
    }
    job.copied += polled.length
    job.endedAt = performance.now()
  }
  await consumer.close()
  await producer.close()
}

/** The producer dies as far as the broker can tell: it is never heard of again. */
async function openEnd() {
  const input = await topic('open')
  const timeoutMs = 3000
  const transactionalId = `dead-${run}`
  const dead = new Producer({ bootstrapServers, transactionalId, transactionTimeoutMs: timeoutMs })
  const transaction = await dead.beginTransaction()
  await transaction.send({ topic: input, partition: 0, value: 'open' })
  const startedAt = performance.now()
  const plain = new Producer({ bootstrapServers })
  await plain.send({ topic: input, partition: 0, value: 'behind' })
  const reader = new Consumer({ bootstrapServers, isolationLevel: 'read_committed', autoOffsetReset: 'earliest' })
  await reader.assign([{ topic: input, partition: 0 }])
  while ((await reader.poll(200)).length === 0);
  const waitedMs = Math.round(performance.now() - startedAt)
  await Promise.all([reader.close(), plain.close(), dead.close()])
  return { timeout_ms: timeoutMs, over_ms: waitedMs - timeoutMs }
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
const input = await topic('input')
const value = Buffer.alloc(size, 'x')
const producer = new Producer({ bootstrapServers })
await producer.sendMany(
  Array.from({ length: records }, (_, index) => ({ topic: input, partition: index % partitions, value })),
)
await producer.close()
const rates = { plain: [], transactional: [] }
await copy(input, false, 'warm')
await copy(input, true, 'warm')
for (let round = 0; round < rounds; round++) {
  rates.plain.push(await copy(input, false, round))
  rates.transactional.push(await copy(input, true, round))
}
const about = { broker: o.label, size, partitions, batch: perTransaction, connections: copiers }
const [plain, transactional] = [median(rates.plain), median(rates.transactional)]
const ratio = Math.round((transactional / plain) * 100) / 100
console.log(JSON.stringify({ test: 'copy-plain', ...about, records_s: plain }))
console.log(JSON.stringify({ test: 'copy-transactional', ...about, records_s: transactional, ratio }))
console.log(JSON.stringify({ test: 'open-end', broker: o.label, ...(await openEnd()) }))
await admin.close()
