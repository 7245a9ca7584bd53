// node bench/micro/live-reset.mjs [members] [partitions]: how long a reset of offsets takes under so many members of ours, with the intervals
// that they have by default: until it is answered, and until every member reads again. A range group, then a cooperative one.
import { Admin, Consumer, Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'

const [members = 100, partitions = 200] = process.argv.slice(2).map(Number)
const runs = 5

async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Polls for as long as it is asked to. `onRecord` hears of each record. */
function reader(options, topic, onRecord) {
  const consumer = new Consumer(options)
  let isOver = false
  const reading = (async () => {
    await consumer.subscribe([topic])
    while (!isOver) for (const record of await consumer.poll(1_000)) onRecord(record)
  })()
  return {
    async close() {
      isOver = true
      await reading
      await consumer.close()
    },
  }
}

async function measure(partitionAssignmentStrategy) {
  const rivven = await startRivven()
  const { bootstrapServers } = rivven
  const topic = 'orders'
  const groupId = 'readers'
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: topic, partitions }])
  const producer = new Producer({ bootstrapServers })
  await producer.sendMany(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, value: 'x' })))
  const missing = new Set()
  const options = { bootstrapServers, groupId, partitionAssignmentStrategy, autoOffsetReset: 'earliest' }
  const readers = Array.from({ length: members }, () =>
    reader(options, topic, ({ partition }) => missing.delete(partition)),
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
      `${partitionAssignmentStrategy}, ${members} members, ${partitions} partitions: ${mode} in ${answered.toFixed(0)} ms, all read again after ${read.toFixed(0)} ms, CPU of all ${cpuMs} ms`,
    )
  }
  await Promise.all(readers.map((one) => one.close()))
  await Promise.all([producer.close(), admin.close()])
  await rivven.close()
}

for (const strategy of ['range', 'cooperative_sticky']) await measure(strategy)
