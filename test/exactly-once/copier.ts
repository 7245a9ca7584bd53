// One copier of the campaign, in a process of its own that is killed: copies `input` to `output` record by record, each
// transaction with the offsets it was made from. Some transactions are aborted on purpose. Tells what it does in JSON lines.
import { Consumer, Producer, RivvenError } from '@rivven/client'

interface Job {
  bootstrapServers: string
  name: string
  input: string
  output: string
  group: string
  perTransaction: number
  sessionTimeoutMs: number
  /** Of a hundred transactions, so many are aborted after all was sent. */
  abortPercent: number
}

const job = JSON.parse(process.argv[2]!) as Job
const tell = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`)

const producer = new Producer({
  bootstrapServers: job.bootstrapServers,
  transactionalId: job.name,
  transactionTimeoutMs: 10_000,
  retryBackoffMs: 50,
  requestTimeoutMs: 5000,
})
const consumer = new Consumer({
  bootstrapServers: job.bootstrapServers,
  groupId: job.group,
  isolationLevel: 'read_committed',
  autoOffsetReset: 'earliest',
  enableAutoCommit: false,
  logger: { warn: (message, facts) => tell({ kind: 'warned', message, partition: facts?.partition }) },
  maxPollRecords: job.perTransaction,
  sessionTimeoutMs: job.sessionTimeoutMs,
  heartbeatIntervalMs: 500,
  retryBackoffMs: 50,
  requestTimeoutMs: 5000,
})

/** Made by chance and never told apart by content: only the id says in which attempt a record was written. */
let attempts = 0
const attemptId = () => `${job.name}/${process.pid}/${attempts++}`

/**
 * The transaction is begun before the poll: so a copier that comes back ends what its dead forerunner left open, which may
 * be what the poll waits for.
 */
async function copyOnce(): Promise<void> {
  const attempt = attemptId()
  const count = await producer.transaction(async (txn) => {
    const records = await consumer.poll(200)
    if (records.length === 0) return 0
    const isSpoilt = Math.random() * 100 < job.abortPercent
    if (isSpoilt) tell({ kind: 'spoilt', attempt })
    await txn.sendMany(
      records.map(({ partition, key, value }) => ({ topic: job.output, partition, key, value, headers: { attempt } })),
    )
    await txn.commitOffsets(consumer.position())
    if (isSpoilt) throw new Error('aborted on purpose')
    return records.length
  })
  if (count > 0) tell({ kind: 'committed', attempt, count })
}

// Whoever started it is gone, and nobody else would end it. A copier that has ended otherwise does not wait for that.
process.stdin
  .resume()
  .once('end', () => process.exit(0))
  .unref()
await consumer.subscribe([job.input])
let isRunning = true
process.on('SIGTERM', () => {
  isRunning = false
})
while (isRunning) {
  try {
    await copyOnce()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    tell({ kind: 'failed', message: error.message })
    if (error instanceof RivvenError && error.fatal) process.exit(3)
    consumer.seekToCommitted()
  }
}
await consumer.close()
await producer.close()
