import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Consumer, type ConsumerOptions, Producer, type TopicPartition } from '@rivven/client'
import { startRivven } from '@rivven/testing'
import kafkajs, { type Assigner, type PartitionAssigner } from 'kafkajs'

const { Kafka, logLevel, AssignerProtocol } = kafkajs
const topic = 'orders'
const partitionCount = 6

/** kafkajs has an assignor of its own only; this is Kafka's range, so that it can be in one group with others. */
const range: PartitionAssigner = ({ cluster }): Assigner => ({
  name: 'range',
  version: 1,
  async assign({ members, topics }) {
    const ids = members.map(({ memberId }) => memberId).sort()
    const shares = new Map(ids.map((id) => [id, {} as Record<string, number[]>]))
    for (const name of topics) {
      const partitions = cluster.findTopicPartitionMetadata(name).map(({ partitionId }) => partitionId)
      const each = Math.ceil(partitions.length / ids.length)
      ids.forEach((id, at) => {
        shares.get(id)![name] = partitions.slice(at * each, (at + 1) * each)
      })
    }
    return [...shares].map(([memberId, assignment]) => {
      const encoded = AssignerProtocol.MemberAssignment.encode({ version: 0, assignment, userData: Buffer.alloc(0) })
      return { memberId, memberAssignment: encoded }
    })
  },
  protocol: ({ topics }) => ({
    name: 'range',
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
  }),
})

/** Who owns what, as each member is told; two owners of one partition are a conflict. */
class Owners {
  readonly #owners = new Map<number, string>()
  readonly conflicts: string[] = []

  took(name: string, partitions: readonly number[]): void {
    for (const partition of partitions) {
      const other = this.#owners.get(partition)
      if (other !== undefined && other !== name) this.conflicts.push(`${partition}: ${other} and ${name}`)
      this.#owners.set(partition, name)
    }
  }

  gave(name: string, partitions: readonly number[]): void {
    for (const partition of partitions) if (this.#owners.get(partition) === name) this.#owners.delete(partition)
  }

  of(name: string): number[] {
    return [...this.#owners].filter(([, owner]) => owner === name).map(([partition]) => partition)
  }
}

/** Our consumer, polled for ever in the background. */
function ours(name: string, owners: Owners, options: ConsumerOptions) {
  const quick = { heartbeatIntervalMs: 200, sessionTimeoutMs: 10_000 }
  const consumer = new Consumer({ autoOffsetReset: 'earliest', ...quick, ...options })
  const numbers = (partitions: readonly TopicPartition[]) => partitions.map(({ partition }) => partition)
  consumer.setRebalanceListener({
    onPartitionsAssigned: (partitions) => owners.took(name, numbers(partitions)),
    onPartitionsRevoked: (partitions) => owners.gave(name, numbers(partitions)),
  })
  const seen = new Set<string>()
  let isOver = false
  const reading = (async () => {
    await consumer.subscribe([topic])
    while (!isOver) for (const { value } of await consumer.poll(50)) seen.add(String(value))
  })()
  return {
    seen,
    async leave() {
      isOver = true
      await reading
      await consumer.close()
    },
  }
}

async function theirs(name: string, owners: Owners, bootstrapServers: string, groupId: string) {
  const kafka = new Kafka({ brokers: [bootstrapServers], logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } })
  const times = { sessionTimeout: 10_000, heartbeatInterval: 200 }
  const consumer = kafka.consumer({ groupId, partitionAssigners: [range], ...times })
  const seen = new Set<string>()
  consumer.on(consumer.events.REBALANCING, () => owners.gave(name, owners.of(name)))
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => owners.took(name, payload.memberAssignment[topic] ?? []))
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => void seen.add(String(message.value)) })
  return {
    seen,
    async leave() {
      owners.gave(name, owners.of(name))
      await consumer.disconnect()
    },
  }
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!condition()) {
    assert.ok(performance.now() < deadline, `it was not so in time: ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

for (const strategy of ['range', 'cooperative_sticky'] as const) {
  test(`our ${strategy} members and one of kafkajs share a topic: no partition has two owners, nothing is missed`, async () => {
    const config = { num_partitions: partitionCount, group_initial_rebalance_delay_ms: 0 }
    await using rivven = await startRivven({ config })
    const { bootstrapServers } = rivven
    const producer = new Producer({ bootstrapServers })
    const write = (from: number) =>
      producer.sendMany(
        Array.from({ length: 60 }, (_, at) => ({ topic, partition: at % partitionCount, value: `v${from + at}` })),
      )
    await write(0)
    const owners = new Owners()
    const share = (...names: string[]) =>
      names.every((name) => owners.of(name).length === partitionCount / names.length)
    const options = { bootstrapServers, groupId: 'mixed', partitionAssignmentStrategy: strategy }
    const members = [ours('first', owners, options), ours('second', owners, options)]
    await until('two share', () => share('first', 'second'))
    const third = await theirs('third', owners, bootstrapServers, 'mixed')
    await until('three share', () => share('first', 'second', 'third'))
    await write(60)
    const all = () => new Set([...members, third].flatMap(({ seen }) => [...seen]))
    await until('120 records are seen', () => all().size === 120)
    assert.ok(third.seen.size > 0)
    await third.leave()
    await until('two share again', () => share('first', 'second'))
    await write(120)
    await until('180 records are seen', () => all().size === 180)
    assert.deepEqual(owners.conflicts, [])
    for (const member of members) await member.leave()
    await producer.close()
  })
}
