// node bench/micro/live-reset.mjs [members] [partitions]: how long a reset of offsets takes under so many members of ours, with the intervals
// that they have by default: until it is answered, and until every member reads again. A range group, then a cooperative one.
// With --foreign under members of kafkajs, which learn of a rebalance by their heartbeats alone: one every 3 s, but none while a fetch waits,
// which is up to 5 s. Where a fetch that is ended early comes sooner than those 3 s after the last heartbeat, it takes both.
import { parseArgs } from 'node:util'
import { Admin, Consumer, Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'
import kafkajs from 'kafkajs'

const { values, positionals } = parseArgs({
  options: { foreign: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const [members = values.foreign ? 20 : 100, partitions = 2 * members] = positionals.map(Number)
const groupId = 'readers'
const topic = 'orders'
const runs = 5

async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A member of ours that polls for as long as it is open. `onRecord` hears of each record. */
function ours(bootstrapServers, partitionAssignmentStrategy, onRecord) {
  const consumer = new Consumer({ bootstrapServers, groupId, partitionAssignmentStrategy, autoOffsetReset: 'earliest' })
  let isOver = false
  const reading = (async () => {
    await consumer.subscribe([topic])
    while (!isOver) for (const record of await consumer.poll(1_000)) onRecord(record)
  })()
  return async () => {
    isOver = true
    await reading
    await consumer.close()
  }
}

/** The same of kafkajs. */
function foreign(bootstrapServers, onRecord) {
  const kafka = new kafkajs.Kafka({ brokers: [bootstrapServers], logLevel: kafkajs.logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId })
  const reading = (async () => {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ eachMessage: async ({ partition }) => onRecord({ partition }) })
  })()
  return async () => {
    await reading
    await consumer.disconnect()
  }
}

/** `join` opens a member, and answers how to close it. */
async function measure(name, join) {
  const rivven = await startRivven()
  const { bootstrapServers } = rivven
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: topic, partitions }])
  const producer = new Producer({ bootstrapServers })
  await producer.sendMany(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, value: 'x' })))
  const missing = new Set()
  const leaves = Array.from({ length: members }, () =>
    join(bootstrapServers, ({ partition }) => missing.delete(partition)),
  )
  const isStable = async () => {
    const [{ state, members: known }] = await admin.describeGroups([groupId])
    return state === 'Stable' && known.length === members && known.every(({ assignment }) => assignment.length > 0)
  }
  await until(isStable)
  for (let run = 0; run < runs; run++) {
    await until(isStable)
    for (let partition = 0; partition < partitions; partition++) missing.add(partition)
    const begun = performance.now()
    const cpu = process.cpuUsage()
    const body = { to: 'earliest', topics: [{ topic }], live: true }
    const { mode } = await admin.call('POST', `/api/groups/${groupId}/resets`, { body, timeoutMs: 60_000 })
    const answered = performance.now() - begun
    await until(() => missing.size === 0)
    const read = performance.now() - begun
    const { user, system } = process.cpuUsage(cpu)
    const cpuMs = ((user + system) / 1_000).toFixed(0)
    console.log(
      `${name}, ${members} members, ${partitions} partitions: ${mode} in ${answered.toFixed(0)} ms, all read again after ${read.toFixed(0)} ms, CPU of all ${cpuMs} ms`,
    )
  }
  await Promise.all(leaves.map((leave) => leave()))
  await Promise.all([producer.close(), admin.close()])
  await rivven.close()
}

if (values.foreign) await measure('kafkajs', foreign)
else
  for (const strategy of ['range', 'cooperative_sticky'])
    await measure(strategy, (servers, onRecord) => ours(servers, strategy, onRecord))
