// A member of a group in a process of its own: `other-member.js BOOTSTRAP GROUP TOPIC FILE`. Appends a line to the file for
// each assignment: how many partitions came with it.
import { appendFileSync } from 'node:fs'
import { Consumer } from '@rivven/client'

const [bootstrapServers = '', groupId = '', topic = '', report = ''] = process.argv.slice(2)
const consumer = new Consumer({ bootstrapServers, groupId, heartbeatIntervalMs: 100, sessionTimeoutMs: 6000 })
consumer.setRebalanceListener({
  onPartitionsAssigned: (partitions) => appendFileSync(report, `${partitions.length}\n`),
})
await consumer.subscribe([topic])
process.on('SIGTERM', () => consumer.stop())
for await (const _ of consumer) {
  // It is only here to own partitions.
}
await consumer.close()
