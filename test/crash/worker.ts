// What the crash test kills around: an idempotent producer that tells, one JSON object a line, what was acknowledged.
import { Producer } from '@rivven/client'

const [bootstrapServers, topic] = process.argv.slice(2)
const producer = new Producer({
  bootstrapServers: [bootstrapServers!],
  deliveryTimeoutMs: 60_000,
  requestTimeoutMs: 5_000,
})
let next = 0
let running = true
process.on('SIGTERM', () => {
  running = false
})

/** Lanes keep several requests in flight, so that a kill meets some of them anywhere. */
async function lane(): Promise<void> {
  while (running) {
    const id = next++
    const { partition, offset } = await producer.send({ topic: topic!, key: String(id), value: String(id) })
    process.stdout.write(`${JSON.stringify({ id, partition, offset })}\n`)
  }
}

await Promise.all(Array.from({ length: 50 }, lane))
await producer.close()
