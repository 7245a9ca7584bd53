// teams.mjs settle|pause|handover|kill|bounce [--balancer range|cooperative-sticky] [--flow] [--members N] [--partitions N]
//   [--rounds N] [--label L] HOST:PORT
// A group of our own consumers, all with default intervals (heartbeats every 3 s), in one process. One JSON object on stdout:
// settle    one more member joins, one leaves: until the last change of an assignment (--flow: while records are written)
// pause     one joins while records flow: the longest a record of a partition that stays waited to be delivered, before and
//           meanwhile; how many partitions moved
// handover  a member closes while records flow: until another one has read a record of its partitions
// kill      the same for a member whose process is killed (session timeout 6 s)
// bounce    a static member is closed and started again, --rounds times: generations, and what others had to give up
import { fork } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Admin, Consumer, Producer } from '@rivven/client'
import { cooperativeStickyAssignor, rangeAssignor } from '@rivven/groups'
import { median } from '../summary.mjs'

const {
  positionals: [verb, address],
  values: o,
} = parseArgs({
  allowPositionals: true,
  options: {
    balancer: { type: 'string', default: 'cooperative-sticky' },
    flow: { type: 'boolean', default: false },
    members: { type: 'string', default: '10' },
    partitions: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '5' },
    label: { type: 'string' },
    // as the child process of `kill`
    topic: { type: 'string' },
    'broker-pid': { type: 'string' },
  },
})
const [size, partitions, rounds] = [o.members, o.partitions, o.rounds].map(Number)
const topic = o.topic ?? `teams-${Date.now()}-${process.pid}`
const partitionAssignmentStrategy = o.balancer === 'range' ? rangeAssignor : cooperativeStickyAssignor
const sessionTimeoutMs = 6000

/** When an assignment last changed anywhere. */
let changedAt = 0
const members = []
/** Called with each record and the member that read it. */
let onRecord = () => undefined

function begin(groupInstanceId) {
  const settings = {
    groupId: topic,
    clientId: 'team',
    autoOffsetReset: 'earliest',
    partitionAssignmentStrategy,
    groupInstanceId,
  }
  const consumer = new Consumer({
    bootstrapServers: address,
    sessionTimeoutMs: verb === 'kill' || verb === 'member' ? sessionTimeoutMs : 45_000,
    ...settings,
  })
  const member = { consumer, revocations: 0, isOpen: true }
  consumer.setRebalanceListener({
    onPartitionsAssigned: () => {
      changedAt = performance.now()
    },
    onPartitionsRevoked: (gone) => {
      changedAt = performance.now()
      member.revocations += gone.length
    },
  })
  member.loop = (async () => {
    await consumer.subscribe(topic)
    while (member.isOpen) {
      const records = await consumer.poll(1000).catch((error) => member.isOpen && console.error(error.message))
      for (const record of records ?? []) onRecord(record, member)
    }
  })()
  members.push(member)
  return member
}

async function end(member) {
  members.splice(members.indexOf(member), 1)
  member.isOpen = false
  await member.consumer.close()
  await member.loop
}

const owned = (member) => member.consumer.assignment().map(({ partition }) => partition)

/** Until all partitions are owned, all members are of one generation and nothing has changed for longer than a heartbeat. */
async function settled(since, others = 0) {
  for (;;) {
    await pause(25)
    const now = performance.now()
    if (now - since > 60_000) throw new Error('the group does not settle')
    if (now - Math.max(changedAt, since) < 3500) continue
    const generations = new Set(members.map(({ consumer }) => consumer.generationId))
    if (members.flatMap(owned).length + others === partitions && generations.size === 1) return changedAt - since
  }
}

function emit(facts) {
  const setting = { balancer: o.balancer, members: size, partitions, broker: o.label ?? address }
  console.log(JSON.stringify({ test: `team-${verb}`, ...setting, ...facts }))
}

const round = (ms) => Math.round(ms * 10) / 10

/** Writes to every partition every 10 ms. */
function flow() {
  const producer = new Producer({ bootstrapServers: address })
  let isOpen = true
  const loop = (async () => {
    while (isOpen) {
      const all = Array.from({ length: partitions }, (_, partition) => producer.send({ topic, partition, value: 'v' }))
      await Promise.all([pause(10), ...all])
    }
  })()
  return async () => {
    isOpen = false
    await loop
    await producer.close()
  }
}

const verbs = {
  async settle() {
    const steps = { join: [], leave: [] }
    const stopFlow = o.flow ? flow() : async () => undefined
    for (let n = 0; n < rounds; n++) {
      let since = performance.now()
      begin()
      steps.join.push(await settled(since))
      since = performance.now()
      await end(members[0])
      steps.leave.push(await settled(since))
    }
    await stopFlow()
    for (const [step, times] of Object.entries(steps))
      emit({
        step,
        topics: o.flow ? 'records flow' : 'idle',
        settled_ms: round(median(times)),
        worst_ms: round(Math.max(...times)),
      })
  },

  async pause() {
    const stopFlow = flow()
    await pause(2000)
    const waits = new Map()
    onRecord = ({ partition, timestamp }) =>
      waits.set(partition, Math.max(waits.get(partition) ?? 0, Date.now() - timestamp))
    const longest = (kept) =>
      Math.max(...[...waits].filter(([partition]) => kept.has(partition)).map(([, wait]) => wait))
    const [before, during, moved] = [[], [], []]
    for (let n = 0; n < rounds; n++) {
      const owners = new Map(members.flatMap((member) => owned(member).map((partition) => [partition, member])))
      const all = new Set(owners.keys())
      waits.clear()
      await pause(1000)
      before.push(longest(all))
      waits.clear()
      const since = performance.now()
      const newcomer = begin()
      await pause(1000)
      const kept = new Set([...all].filter((partition) => owned(owners.get(partition)).includes(partition)))
      during.push(longest(kept))
      await settled(since)
      moved.push(owned(newcomer).length)
      await end(newcomer)
      await settled(performance.now() - 1)
    }
    await stopFlow()
    emit({
      unmoved_wait_before_ms: median(before),
      unmoved_wait_ms: median(during),
      moved: Math.max(...moved),
      moved_allowed: Math.ceil(partitions / (size + 1)),
    })
  },

  async handover() {
    const stopFlow = flow()
    const times = []
    for (let n = 0; n < rounds; n++) {
      await pause(200)
      const leaving = members[0]
      const awaited = new Set(owned(leaving))
      const since = performance.now()
      const done = new Promise((resolve) => {
        onRecord = ({ partition }, member) => {
          if (member === leaving || !awaited.delete(partition)) return
          times.push(performance.now() - since)
          if (awaited.size === 0) resolve()
        }
      })
      await end(leaving)
      await done
      onRecord = () => undefined
      await settled(since)
      begin()
      await settled(performance.now() - 1)
    }
    await stopFlow()
    times.sort((a, b) => a - b)
    const at = (share) => round(times[Math.min(times.length - 1, Math.floor(times.length * share))])
    emit({ handovers: times.length, p50_ms: at(0.5), p99_ms: at(0.99) })
  },

  async kill() {
    const stopFlow = flow()
    const child = fork(import.meta.filename, ['member', '--topic', topic, '--balancer', o.balancer, address])
    const others = await new Promise((resolve) => child.on('message', (count) => count > 0 && resolve(count)))
    await pause(4000)
    const mine = new Set(members.flatMap(owned))
    const awaited = new Set(
      Array.from({ length: partitions }, (_, partition) => partition).filter((one) => !mine.has(one)),
    )
    const since = performance.now()
    child.kill('SIGKILL')
    await new Promise((resolve) => {
      onRecord = ({ partition }) => awaited.delete(partition) && awaited.size === 0 && resolve()
    })
    emit({ session_timeout_ms: sessionTimeoutMs, lost: others, taken_over_ms: round(performance.now() - since) })
    await stopFlow()
  },

  async bounce() {
    const generation = members[0].consumer.generationId
    for (const member of members) member.revocations = 0
    for (let n = 0; n < rounds; n++) {
      const last = members.at(-1)
      const groupInstanceId = last.instance
      await end(last)
      const again = begin(groupInstanceId)
      again.instance = groupInstanceId
      while (owned(again).length === 0) await pause(20)
    }
    const elsewhere = members.slice(0, -1)
    const revoked = elsewhere.reduce((sum, member) => sum + member.revocations, 0)
    emit({ bounces: rounds, rebalances: members[0].consumer.generationId - generation, revoked_elsewhere: revoked })
  },
}

if (verb === 'member') {
  const member = begin()
  setInterval(() => process.send(owned(member).length), 200)
} else if (!verbs[verb] || !address) {
  console.error('teams.mjs settle|pause|handover|kill|bounce [options] HOST:PORT')
  process.exit(2)
} else {
  const admin = new Admin({ bootstrapServers: address })
  await admin.createTopics([{ name: topic, partitions, replicationFactor: 1 }])
  const since = performance.now()
  for (let place = 0; place < size; place++) {
    const instance = verb === 'bounce' ? `team-${place}` : undefined
    begin(instance).instance = instance
  }
  await settled(since)
  await verbs[verb]()
  await admin.deleteTopics([topic])
  process.exit(0)
}
