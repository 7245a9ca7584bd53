// One order processor: a consumer in a process of its own. It tells its parent what it owns and what it has handled.
// Run alone: node examples/order-processors/worker.mjs NAME HOST:PORT,…
import { setTimeout as pause } from 'node:timers/promises'
import { Consumer } from '@rivven/client'

const [name, bootstrapServers] = process.argv.slice(2)
const tell = (message) => (process.send ? process.send(message) : console.log(JSON.stringify(message)))

const consumer = new Consumer({
  bootstrapServers,
  clientId: name,
  groupId: 'order-processors',
  autoOffsetReset: 'earliest',
  enableAutoCommit: false,
  sessionTimeoutMs: 6000,
  heartbeatIntervalMs: 500,
})
const tellOwned = () =>
  tell({
    kind: 'owns',
    partitions: consumer.assignment().map(({ partition }) => partition),
    generation: consumer.generationId,
  })
consumer.setRebalanceListener({
  onPartitionsAssigned: tellOwned,
  onPartitionsRevoked: () => tell({ kind: 'owns', partitions: [] }),
  onPartitionsLost: () => tell({ kind: 'owns', partitions: [] }),
})
await consumer.subscribe(['orders'])

let running = true
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    running = false
    consumer.stop()
  })
}

/** A batch is handled, reported, then committed: whoever dies in between has its last batch handled again by another. */
while (running) {
  const records = await consumer.poll(200)
  if (records.length === 0) continue
  const handled = []
  for (const record of records) handled.push([record.partition, record.offset, JSON.parse(record.value).order])
  await pause(Math.min(50, records.length))
  tell({ kind: 'handled', records: handled })
  try {
    await consumer.commit(records)
  } catch (error) {
    tell({ kind: 'commit failed', reason: error.message })
  }
}
await consumer.close()
if (process.send) process.disconnect()
