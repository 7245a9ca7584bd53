// Our cooperative members and one of another client in one group: it comes, shares, and leaves again. At no time has a
// partition two owners, and every record is seen.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Admin, Consumer, Producer } from '@rivven/client'

const partitionCount = 6

class Owners {
  owners = new Map()

  took(name, partitions) {
    for (const partition of partitions) {
      const other = this.owners.get(partition)
      if (other !== undefined && other !== name)
        throw new Error(`partition ${partition} has owners ${other} and ${name}`)
      this.owners.set(partition, name)
    }
  }

  gave(name, partitions) {
    for (const partition of partitions) if (this.owners.get(partition) === name) this.owners.delete(partition)
  }

  countOf(name) {
    return [...this.owners.values()].filter((owner) => owner === name).length
  }
}

/** `tell` says what a line of the other client's output means: { name: assigned | revoked | seen, partitions, value }. */
function foreignMember({ command, args, tell }, owners, seen) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout }).on('line', (line) => {
    for (const { name, partitions, value } of tell(line)) {
      if (name === 'assigned') owners.took('theirs', partitions)
      if (name === 'revoked') owners.gave('theirs', partitions)
      if (name === 'seen') seen.add(value)
    }
  })
  return {
    leave: () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.stdin.end()
        child.kill('SIGTERM')
      }),
  }
}

function ourMember(name, { topic, ...options }, owners, seen) {
  const numbers = (partitions) => partitions.map(({ partition }) => partition)
  const consumer = new Consumer({ autoOffsetReset: 'earliest', rebalanceProtocol: 'cooperative', ...options })
  consumer.setRebalanceListener({
    onPartitionsAssigned: (partitions) => owners.took(name, numbers(partitions)),
    onPartitionsRevoked: (partitions) => owners.gave(name, numbers(partitions)),
  })
  let isOver = false
  const reading = (async () => {
    await consumer.subscribe([topic])
    while (!isOver) for (const { value } of await consumer.poll(50)) seen.add(String(value))
  })()
  return {
    async leave() {
      isOver = true
      await reading
      await consumer.close()
    },
  }
}

async function until(what, condition) {
  const deadline = Date.now() + 60_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`within a minute it was not so that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** `foreign(address, topic, group)` describes the other client's process. */
export async function mixedGroup(address, name, foreign) {
  const [topic, groupId] = [`mixed-${name}`, `mixed-${name}`]
  const admin = new Admin({ bootstrapServers: address })
  await admin.createTopics([{ name: topic, partitions: partitionCount }])
  const producer = new Producer({ bootstrapServers: address })
  const write = (from) =>
    producer.sendMany(
      Array.from({ length: 60 }, (_, at) => ({ topic, partition: at % partitionCount, value: `v${from + at}` })),
    )
  const owners = new Owners()
  const [seen, seenByThem] = [new Set(), new Set()]
  const options = { bootstrapServers: address, groupId, topic }
  const members = ['first', 'second'].map((one) => ourMember(one, options, owners, seen))
  await until('two members share', () => owners.countOf('first') === 3 && owners.countOf('second') === 3)
  const third = foreignMember(foreign(address, topic, groupId), owners, seenByThem)
  await until('three members share', () => ['first', 'second', 'theirs'].every((one) => owners.countOf(one) === 2))
  await write(0)
  await until('all records are seen', () => new Set([...seen, ...seenByThem]).size === 60)
  if (seenByThem.size === 0) throw new Error('the other client has seen nothing')
  await third.leave()
  owners.gave('theirs', [0, 1, 2, 3, 4, 5])
  await until('two members share again', () => owners.countOf('first') === 3 && owners.countOf('second') === 3)
  await write(60)
  await until('all records are seen', () => new Set([...seen, ...seenByThem]).size === 120)
  for (const member of members) await member.leave()
  await producer.close()
  await admin.close()
}

export function librdkafkaMember(address, topic, group) {
  const script = join(import.meta.dirname, 'group_member.py')
  return {
    command: 'python3',
    args: [script, address, topic, group, 'cooperative-sticky'],
    tell: (line) => [JSON.parse(line)],
  }
}

/** The consumer of Kafka's own system tests, which tells all it does as JSON. */
export const javaMember = (classpath) => (address, topic, group) => ({
  command: 'java',
  args: [
    ...['-cp', classpath, 'org.apache.kafka.tools.VerifiableConsumer', '--bootstrap-server', address],
    ...['--topic', topic, '--group-id', group, '--reset-policy', 'earliest', '--verbose'],
    ...['--assignment-strategy', 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor'],
  ],
  tell(line) {
    if (!line.startsWith('{')) return []
    const { name, partitions = [], value } = JSON.parse(line)
    const numbers = partitions.map(({ partition }) => partition)
    if (name === 'partitions_assigned') return [{ name: 'assigned', partitions: numbers }]
    if (name === 'partitions_revoked') return [{ name: 'revoked', partitions: numbers }]
    return name === 'record_data' ? [{ name: 'seen', value }] : []
  },
})
