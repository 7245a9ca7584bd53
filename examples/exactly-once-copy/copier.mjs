// Copies a topic exactly once: node examples/exactly-once-copy/copier.mjs HOST:PORT INPUT OUTPUT NAME
// Start as many as there are partitions, each with a NAME of its own that it keeps over restarts. Kill them as you like.
import { Consumer, Producer } from '@rivven/client'

const [bootstrapServers, input, output, name = 'copier-0'] = process.argv.slice(2)
const producer = new Producer({ bootstrapServers, transactionalId: name, transactionTimeoutMs: 10_000 })
const consumer = new Consumer({
  bootstrapServers,
  groupId: `copy-${input}-to-${output}`,
  isolationLevel: 'read_committed',
  autoOffsetReset: 'earliest',
  enableAutoCommit: false,
  sessionTimeoutMs: 6000,
  heartbeatIntervalMs: 1000,
})
await consumer.subscribe([input])

/** What becomes of a record: here its text in capitals. The same partition keeps the order. */
function transform({ partition, key, value }) {
  return { topic: output, partition, key, value: String(value).toUpperCase() }
}

let isRunning = true
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    isRunning = false
    consumer.stop()
  })
}
while (isRunning) {
  const txn = await producer.beginTransaction()
  try {
    await txn.sendMany((await consumer.poll(100)).map(transform))
    await txn.commitOffsets(consumer.position())
    await txn.commit()
  } catch (error) {
    if (error.fatal) throw error
    console.error(`${name}: ${error.message}`)
    // A commit of which nobody knows whether it took place has to be called again; all else can be taken back.
    if (error.retriable) await txn.commit()
    else await txn.abort()
    consumer.seekToCommitted()
  }
}
await consumer.close()
await producer.close()
