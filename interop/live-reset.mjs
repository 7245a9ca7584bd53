// Offsets are reset under two members of another client, eager and cooperative: idle, in the middle of a handler, and without time
// to hand over. All records from the target on come again, and what members have done is committed when they hand over.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Admin, Producer } from '@rivven/client'

const [partitionCount, recordCount, target] = [4, 6, 2]

/** Tells what it does as a JSON line each; `hold` and `go` on its stdin hold its handler, from the next record on. */
class Member {
  seen = new Map()
  told = []

  constructor({ command, args }) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) this.#hear(JSON.parse(line))
    })
  }

  #hear(event) {
    this.told.push(event)
    if (event.name !== 'seen') return
    this.seen.set(event.partition, [...(this.seen.get(event.partition) ?? []), event.offset])
  }

  count(name) {
    return this.told.filter((event) => event.name === name).length
  }

  say(word) {
    this.child.stdin.write(`${word}\n`)
  }

  leave() {
    return new Promise((resolve) => {
      this.child.once('exit', resolve)
      this.child.stdin.end()
    })
  }
}

async function until(what, condition) {
  const deadline = Date.now() + 60_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`within a minute it was not so that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** What any rebalance does to a commit in its middle: the next one goes well. */
function passes({ error }) {
  return error === 'REBALANCE_IN_PROGRESS' || error === 'RebalanceInProgressException'
}

function mustBe(what, isSo) {
  if (!isSo) throw new Error(`it was not so that ${what}`)
}

/** `foreign(address, topic, group, strategy)` describes a process. */
export async function liveReset(address, name, foreign) {
  for (const strategy of ['range', 'cooperative-sticky']) {
    for (const way of ['idle', 'in a handler', 'put out']) await resetUnder({ address, name, foreign, strategy, way })
  }
}

async function resetUnder({ address, name, foreign, strategy, way }) {
  const topic = `reset-${name}-${strategy}-${way.replaceAll(' ', '-')}`
  const [admin, operator] = [new Admin({ bootstrapServers: address }), new Admin({ bootstrapServers: address })]
  const producer = new Producer({ bootstrapServers: address })
  const produce = (count) =>
    producer.sendMany(
      Array.from({ length: count * partitionCount }, (_, at) => ({
        topic,
        partition: at % partitionCount,
        value: 'x',
      })),
    )
  await admin.createTopics([{ name: topic, partitions: partitionCount }])
  const members = ['a', 'b'].map(() => new Member(foreign(address, topic, topic, strategy)))
  try {
    await readAgain({ topic, way, members, admin, operator, produce })
    for (const member of members) await member.leave()
  } finally {
    for (const { child } of members) child.kill('SIGKILL')
    await Promise.all([producer.close(), admin.close(), operator.close()])
  }
}

async function readAgain({ topic, way, members, admin, operator, produce }) {
  const committed = async (offset) => {
    const all = await admin.listGroupOffsets(topic)
    return all.length === partitionCount && all.every((one) => one.offset === offset)
  }
  const group = async () => (await admin.describeGroups([topic]))[0]
  await until('two members share', async () => {
    const { state, members } = await group()
    return state === 'Stable' && members.length === 2 && members.every(({ assignment }) => assignment.length === 2)
  })
  await produce(recordCount)
  await until('all is read and committed', () => committed(recordCount))
  const end = way === 'idle' ? recordCount : recordCount + 1
  if (way !== 'idle') {
    for (const member of members) member.say('hold')
    await produce(1)
    await until('both are in their handlers', () => members.every((member) => member.count('held') === 1))
  }
  const body = { to: 'offset', offset: target, live: true, handoverMs: way === 'put out' ? 0 : 20_000 }
  const answer = operator.call('POST', `/api/groups/${topic}/resets`, { body, timeoutMs: 30_000 })
  if (way === 'in a handler')
    await until('members are asked to join', async () => (await group()).state === 'PreparingRebalance')
  else await answer
  if (way !== 'idle') for (const member of members) member.say('go')
  const { mode } = await answer
  mustBe(`members of ${topic} do as is expected: ${mode}`, mode === (way === 'put out' ? 'fenced' : 'handed over'))
  await until(`all of ${topic} is read again and committed`, () => committed(end))
  for (let partition = 0; partition < partitionCount; partition++) {
    const offsets = members.flatMap(({ seen }) => seen.get(partition) ?? [])
    const counts = Array.from({ length: end }, (_, offset) => offsets.filter((one) => one === offset).length)
    const isRight = counts.every((count, offset) =>
      offset < target ? count === 1 : count >= 2 || offset >= recordCount,
    )
    mustBe(`${topic}/${partition} is read again from ${target} on: ${counts}`, isRight)
  }
  const failed = members.flatMap(({ told }) => told.filter((event) => event.name === 'failed' && !passes(event))).length
  mustBe(`commits fail for whoever is put out alone: ${failed}`, way === 'put out' ? failed > 0 : failed === 0)
}

export function librdkafkaReader(address, topic, group, strategy) {
  return { command: 'python3', args: [join(import.meta.dirname, 'held_member.py'), address, topic, group, strategy] }
}

export const javaReader = (classpath) => (address, topic, group, strategy) => {
  const assignor = strategy === 'range' ? 'RangeAssignor' : 'CooperativeStickyAssignor'
  const script = join(import.meta.dirname, 'HeldMember.java')
  return { command: 'java', args: ['-cp', classpath, script, address, topic, group, assignor] }
}
