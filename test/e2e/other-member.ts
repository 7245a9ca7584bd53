// A member of a group in a process of its own: `other-member.js BOOTSTRAP GROUP TOPIC`. Writes a line for each assignment:
// the wall-clock time and how many partitions it owns then.
import { Consumer } from '@rivven/client'

const [bootstrapServers = '', groupId = '', topic = ''] = process.argv.slice(2)
const consumer = new Consumer({ bootstrapServers, groupId, heartbeatIntervalMs: 100, sessionTimeoutMs: 6000 })
consumer.setRebalanceListener({
  onPartitionsAssigned: (partitions) => console.log(JSON.stringify({ at: Date.now(), owned: partitions.length })),
})
await consumer.subscribe([topic])
process.on('SIGTERM', () => void consumer.close().then(() => process.exit(0)))
for (;;) await consumer.poll(100)
