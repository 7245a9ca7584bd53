import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeAssignment, encodeSubscription, type RebalanceStory, type Subscription, waitOf } from '../src/index.js'
import { type JoinOptions, joinDynamic, stableGroup, TestHost } from './support/host.js'

const lastOf = (host: TestHost): RebalanceStory => {
  const story = host.stories.at(-1)
  assert.ok(story, 'there is a story')
  return story
}

const metadata = (subscription: Partial<Subscription>) => ({
  range: encodeSubscription({ topics: ['t'], ...subscription }),
})

const share = (...partitions: number[]) => encodeAssignment({ assignedPartitions: [{ topic: 't', partitions }] })

/** The group is settled: the leader assigns these partitions of topic t. */
function assign(host: TestHost, shares: Record<string, number[]>): void {
  const { generation, leaderId } = host.group
  const assignments = Object.fromEntries(Object.entries(shares).map(([id, owned]) => [id, share(...owned)]))
  const groupInstanceId = host.group.members.get(leaderId ?? '')?.groupInstanceId ?? null
  const sent = host.sync({ memberId: leaderId ?? '', groupInstanceId, generationId: generation, assignments })
  assert.equal(sent.answer.errorCode, 0)
}

/** Everybody joins again as before, and the story that ends with the next settled generation is given. */
function settleAgain(host: TestHost): RebalanceStory {
  for (const { memberId, groupInstanceId, parkedJoin, protocols } of [...host.group.members.values()]) {
    if (parkedJoin || host.state !== 'PreparingRebalance') continue
    host.join({
      memberId,
      groupInstanceId,
      protocols: Object.fromEntries(protocols.map((protocol) => [protocol.name, protocol.metadata])),
    })
  }
  if (host.state === 'CompletingRebalance') assign(host, {})
  return lastOf(host)
}

test('a first member begins a story that ends when its generation is settled', () => {
  const host = new TestHost({ initialRebalanceDelayMs: 3_000 })
  const { memberId } = joinDynamic(host, { reason: 'first join', protocols: metadata({}) })
  host.advance(3_000)
  host.advance(40)
  assign(host, { [memberId]: [0, 1, 2] })
  const culprit = { memberId, groupInstanceId: null, clientId: 'app', clientHost: '/10.0.0.1' }
  assert.deepEqual(host.stories, [
    {
      groupId: 'g',
      generation: 1,
      startedAt: 1_700_000_000_000,
      endedAt: 1_700_000_003_040,
      outcome: 'stable',
      cause: 'first member',
      culprit,
      reason: 'first join',
      phases: { joinMs: 3_000, syncMs: 40 },
      late: [{ ...culprit, phase: 'sync', waitedMs: 40, removed: false }],
      membersBefore: 0,
      membersAfter: 1,
      joined: [culprit],
      joinedCount: 1,
      left: [],
      leftCount: 0,
      protocol: { elected: 'range', votes: { range: 1 }, refused: [] },
      partitions: {
        moved: 0,
        kept: 0,
        assigned: 3,
        released: 0,
        moves: [0, 1, 2].map((partition) => ({ topic: 't', partition, from: null, to: memberId })),
      },
    },
  ])
})

test('partitions are compared with the last settled generation', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, { protocols: metadata({}) }, { protocols: metadata({}) })
  const [first, second] = members
  host.join({ memberId: first, protocols: metadata({ generationId: 2 }) })
  host.join({ memberId: second, protocols: metadata({ generationId: 2 }) })
  assign(host, { [first]: [0, 1], [second]: [2, 3] })
  assert.equal(lastOf(host).partitions, null, 'what was assigned before cannot be read')
  host.join({ memberId: first, protocols: metadata({ generationId: 3 }) })
  host.join({ memberId: second, protocols: metadata({ generationId: 3 }) })
  assign(host, { [first]: [0, 2], [second]: [4] })
  assert.deepEqual(lastOf(host).partitions, {
    moved: 1,
    kept: 1,
    assigned: 3,
    released: 2,
    moves: [
      { topic: 't', partition: 2, from: second, to: first },
      { topic: 't', partition: 4, from: null, to: second },
      { topic: 't', partition: 1, from: first, to: null },
      { topic: 't', partition: 3, from: second, to: null },
    ],
  })
})

test('a generation that is superseded moves nothing, and the next is compared with the one before it', () => {
  const host = new TestHost()
  const { memberId } = joinDynamic(host, { protocols: metadata({}) })
  host.advance(0)
  assign(host, { [memberId]: [0, 1] })
  host.join({ memberId, protocols: metadata({ generationId: 1 }) })
  const other = joinDynamic(host, { protocols: metadata({}) }).memberId
  assert.deepEqual(
    [lastOf(host).outcome, lastOf(host).generation, lastOf(host).partitions, lastOf(host).membersAfter],
    ['superseded', 2, null, 1],
  )
  host.join({ memberId, protocols: metadata({ generationId: 2 }) })
  assign(host, { [memberId]: [1], [other]: [0] })
  const { cause, culprit, joinedCount, membersBefore, membersAfter, partitions, generation } = lastOf(host)
  assert.deepEqual([cause, culprit?.memberId, generation, joinedCount], ['member joined', other, 3, 1])
  assert.deepEqual([membersBefore, membersAfter, partitions?.moved, partitions?.kept], [1, 2, 1, 1])
})

test('a static member that returns owns what it owned under its old id', () => {
  const host = new TestHost()
  const protocols = metadata({})
  const old = host.join({ groupInstanceId: 'i', protocols })
  host.advance(0)
  assign(host, { [old.answer.memberId]: [0, 1] })
  const memberId = host.join({ groupInstanceId: 'i', protocols }).answer.memberId
  assert.equal(host.stories.length, 1, 'a bounce is no rebalance')
  host.join({ memberId, groupInstanceId: 'i', protocols })
  assign(host, { [memberId]: [0, 1] })
  assert.equal(lastOf(host).cause, 'leader rejoined')
  assert.deepEqual([lastOf(host).partitions?.kept, lastOf(host).partitions?.moved], [2, 0])
})

test('assignments of other protocol types, and damaged ones, are not compared', () => {
  const host = new TestHost()
  const { memberId } = joinDynamic(host, { protocolType: 'connect' })
  host.advance(0)
  assign(host, { [memberId]: [0] })
  assert.equal(lastOf(host).partitions, null)
})

interface Case {
  name: string
  /** Settings of two members that are settled before; default: two dynamic ones. */
  group?: JoinOptions[]
  /** What happens to them. */
  act(host: TestHost, members: string[]): void
  cause: RebalanceStory['cause']
  /** Index of the member that is named as culprit; null: nobody. */
  culprit: number | null
  reason?: string
  left?: string[]
}

const subscribed: JoinOptions = { protocols: metadata({}) }

const cases: Case[] = [
  {
    name: 'a member that leaves',
    act: (host, [, second]) => host.leave([{ memberId: second, reason: 'the consumer is being closed' }]),
    cause: 'member left',
    culprit: 1,
    reason: 'the consumer is being closed',
    left: ['it left: the consumer is being closed'],
  },
  {
    name: 'a member that leaves without a word, in an old version',
    act: (host, [, second]) => host.leave([{ memberId: second }], 1),
    cause: 'member left',
    culprit: 1,
    left: ['it left'],
  },
  ...['poll was not called for 300000 ms (maxPollIntervalMs)', 'consumer poll timeout has expired.'].map((reason) => ({
    name: `a member that leaves saying '${reason}'`,
    act: (host: TestHost, [, second]: string[]) => host.leave([{ memberId: second, reason }]),
    cause: 'poll timeout' as const,
    culprit: 1,
    reason,
    left: [`it did not poll in time: ${reason}`],
  })),
  {
    name: 'an administrator that takes a member out',
    act: (host, [, second]) => host.leave([{ memberId: second, reason: 'member was removed by an admin: it hangs' }]),
    cause: 'admin',
    culprit: 1,
    reason: 'member was removed by an admin: it hangs',
    left: ['an administrator removed it: member was removed by an admin: it hangs'],
  },
  {
    name: 'an administrator that takes an instance out by its name alone',
    group: [subscribed, { ...subscribed, groupInstanceId: 'i' }],
    act: (host) => host.leave([{ groupInstanceId: 'i' }]),
    cause: 'admin',
    culprit: 1,
    left: ['an administrator removed it'],
  },
  {
    name: 'a member whose session expires',
    act: (host, [first]) => {
      host.advance(6_000)
      host.beat(first, host.group.generation)
      host.advance(6_000)
    },
    cause: 'session expired',
    culprit: 1,
    left: ['its session expired'],
  },
  {
    name: 'a member that asks for other topics',
    act: (host, [, second]) =>
      host.join({ memberId: second, protocols: metadata({ topics: ['t', 'u'] }), reason: 'the subscription changed' }),
    cause: 'subscription changed',
    culprit: 1,
    reason: 'the subscription changed',
  },
  ...['cached metadata has changed', 'partitions of the subscribed topics changed'].map((reason) => ({
    name: `a leader that says '${reason}'`,
    act: (host: TestHost, [first]: string[]) => host.join({ memberId: first, ...subscribed, reason }),
    cause: 'partitions added' as const,
    culprit: 0,
    reason,
  })),
  {
    name: 'a member that gave up partitions',
    group: [subscribed, { protocols: metadata({ ownedPartitions: [{ topic: 't', partitions: [0, 1] }] }) }],
    act: (host, [, second]) =>
      host.join({
        memberId: second,
        protocols: metadata({ ownedPartitions: [{ topic: 't', partitions: [0] }], generationId: 2 }),
      }),
    cause: 'partitions handed over',
    culprit: 1,
  },
  {
    name: 'a leader that joins again without a word',
    act: (host, [first]) => host.join({ memberId: first, ...subscribed }),
    cause: 'leader rejoined',
    culprit: 0,
  },
  {
    name: 'a follower that joins again in another generation',
    act: (host, [, second]) => host.join({ memberId: second, protocols: metadata({ generationId: 9 }) }),
    cause: 'member rejoined',
    culprit: 1,
  },
  {
    name: 'a new member',
    act: (host) => joinDynamic(host, subscribed),
    cause: 'member joined',
    culprit: 2,
  },
  {
    name: 'a static member that returns and changes the vote',
    group: [
      { protocols: { range: 'a', sticky: 'b' } },
      { protocols: { range: 'a', sticky: 'b' }, groupInstanceId: 'i' },
    ],
    act: (host) => host.join({ groupInstanceId: 'i', protocols: { sticky: 'b' } }),
    cause: 'static member replaced',
    culprit: 1,
  },
  {
    name: 'a coordinator that was loaded while members joined again',
    act: (host, [first]) => {
      host.restart()
      host.join({ memberId: first, ...subscribed })
    },
    cause: 'coordinator moved',
    culprit: null,
  },
]

for (const { name, group = [subscribed, subscribed], act, cause, culprit, reason, left = [] } of cases) {
  test(`the cause of a rebalance is told: ${name}`, () => {
    const host = new TestHost()
    const { members } = stableGroup(host, ...group)
    host.ended.length = 0
    act(host, members)
    const story = settleAgain(host)
    const named = story.culprit && [...members, ...host.group.members.keys()]
    const nameOf = (index: number | null) =>
      index === null ? undefined : (story.culprit?.groupInstanceId ?? named?.[index])
    assert.equal(story.cause, cause)
    assert.equal(
      story.culprit?.groupInstanceId ?? story.culprit?.memberId,
      culprit === 2 ? story.joined[0].memberId : nameOf(culprit),
    )
    assert.equal(story.reason, reason ?? null)
    assert.deepEqual(
      story.left.map(({ why }) => why),
      left,
    )
    assert.equal(story.membersAfter, host.group.members.size)
    assert.equal(story.membersBefore, 2)
    assert.equal(story.outcome, 'stable')
  })
}

test('whoever is late to join is named with its wait, and whoever is given up with it', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, subscribed, subscribed, subscribed)
  host.ended.length = 0
  const [first, second, third] = members
  host.join({ memberId: first, ...subscribed })
  host.advance(700)
  host.join({ memberId: second, ...subscribed })
  for (const ms of [5_000, 5_000, 5_000, 5_000, 5_000, 4_300]) {
    host.beat(third, host.group.generation)
    host.advance(ms)
  }
  const { late, left, phases } = settleAgain(host)
  assert.deepEqual(
    late.map(({ memberId, phase, waitedMs, removed }) => [memberId, phase, waitedMs, removed]),
    [
      [third, 'join', 30_000, true],
      [second, 'join', 700, false],
    ],
  )
  assert.deepEqual([left[0].memberId, left[0].why, phases.joinMs], [third, 'it did not join in time', 30_000])
})

test('whoever never asks for its assignment is named, and so is a leader that is slow to give it', () => {
  const host = new TestHost()
  const { members, generation } = stableGroup(host, subscribed, subscribed)
  const [first, second] = members
  host.join({ memberId: first, ...subscribed })
  host.join({ memberId: second, ...subscribed })
  host.advance(250)
  assign(host, {})
  assert.deepEqual(
    lastOf(host).late.map(({ memberId, phase, waitedMs }) => [memberId, phase, waitedMs]),
    [[first, 'sync', 250]],
  )
  for (const ms of [5_000, 5_000, 5_000, 5_000, 5_000, 4_750]) {
    for (const memberId of members) host.beat(memberId, generation + 1)
    host.advance(ms)
  }
  const { cause, culprit, late } = settleAgain(host)
  assert.deepEqual([cause, culprit?.memberId], ['member did not sync', second])
  assert.deepEqual(
    late.map(({ memberId, phase, waitedMs, removed }) => [memberId, phase, waitedMs, removed]),
    [[second, 'sync', 30_000, true]],
  )
})

test('a protocol that was not elected says why', () => {
  const host = new TestHost({ initialRebalanceDelayMs: 3_000 })
  joinDynamic(host, { protocols: { sticky: 'x', range: 'x', roundrobin: 'x' } })
  joinDynamic(host, { protocols: { range: 'x', sticky: 'x' } })
  const third = joinDynamic(host, { protocols: { range: 'x', sticky: 'x', own: 'x' } }).memberId
  host.advance(6_000)
  assign(host, {})
  const { elected, votes, refused } = lastOf(host).protocol
  assert.deepEqual([elected, votes], ['range', { sticky: 1, range: 2 }])
  assert.deepEqual(
    refused.map(({ name, because }) => [name, because.replace(/\(.*?\)/, '(id)')]),
    [
      ['sticky', 'fewer votes (id)'],
      ['roundrobin', 'app (id) and 1 more do not support it'],
      ['own', 'app (id) and 1 more do not support it'],
    ],
  )
  assert.ok(host.group.members.has(third))
})

test('a leader of an old version that gives out higher partitions than before has seen new ones', () => {
  const host = new TestHost()
  const { memberId } = joinDynamic(host, subscribed)
  host.advance(0)
  assign(host, { [memberId]: [0, 1] })
  host.join({ memberId, ...subscribed })
  assign(host, { [memberId]: [0, 1, 2, 3] })
  assert.equal(lastOf(host).cause, 'partitions added')
})

test('the last member that leaves ends the story with an empty group, and DeleteGroups adds one of its own', () => {
  const host = new TestHost()
  const { memberId } = joinDynamic(host, subscribed)
  host.advance(0)
  assign(host, { [memberId]: [0, 1] })
  host.leave([{ memberId, reason: 'bye' }])
  const { outcome, cause, generation, membersBefore, membersAfter, partitions } = lastOf(host)
  assert.deepEqual([outcome, cause, generation, membersBefore, membersAfter], ['emptied', 'member left', 2, 1, 0])
  assert.deepEqual([partitions?.assigned, partitions?.released], [0, 2])
  host.deleteGroup()
  assert.deepEqual([lastOf(host).outcome, lastOf(host).cause, lastOf(host).generation], ['deleted', 'admin', 0])
})

test('a coordinator that ends in the middle of a rebalance ends its story', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, subscribed, subscribed)
  host.join({ memberId: members[0], ...subscribed })
  host.advance(120)
  host.unload()
  const { outcome, cause, generation, phases } = lastOf(host)
  assert.deepEqual([outcome, cause, generation], ['coordinator moved', 'leader rejoined', 0])
  assert.deepEqual(phases, { joinMs: 120, syncMs: null })
})

test('a generation that was handed out before a crash and never settled has its story after the load', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, subscribed)
  host.join({ memberId: members[0], ...subscribed })
  host.ended.length = 0
  host.restart()
  assert.deepEqual([lastOf(host).outcome, lastOf(host).generation], ['coordinator moved', 2])
  joinDynamic(host, subscribed)
  host.join({ memberId: members[0], ...subscribed })
  assign(host, {})
  assert.deepEqual([lastOf(host).cause, lastOf(host).culprit, lastOf(host).generation], ['coordinator moved', null, 3])
})

test('a rebalance long after a load has its own cause', () => {
  const host = new TestHost()
  const { members, generation } = stableGroup(host, subscribed)
  host.restart()
  for (let waited = 0; waited < 30_000; waited += 5_000) {
    host.beat(members[0], generation)
    host.advance(5_000)
  }
  host.join({ memberId: members[0], ...subscribed })
  assign(host, {})
  assert.equal(lastOf(host).cause, 'leader rejoined')
})

test('names and reasons of any length make a story that fits into a record', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, ...Array.from({ length: 30 }, () => subscribed))
  host.leave(members.slice(1).map((memberId) => ({ memberId, reason: 'r'.repeat(30_000) })))
  const story = settleAgain(host)
  assert.equal(story.leftCount, 29)
  assert.ok(JSON.stringify(story).length < 50_000)
})

test('a group that was empty waits for nobody in particular', () => {
  const host = new TestHost({ initialRebalanceDelayMs: 3_000 })
  joinDynamic(host)
  host.advance(2_000)
  joinDynamic(host)
  const { wall } = host.now
  assert.deepEqual(waitOf(host.group, host.now), {
    ...{ kind: 'waiting', groupId: 'g', at: wall, since: wall - 2_000 },
    ...{ phase: 'gather', awaited: [], awaitedCount: 0 },
  })
})

test('while a group rebalances it is known whom it waits for, since when it is silent and until when', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {}, {})
  assert.equal(waitOf(host.group, host.now), null)
  host.advance(2_000)
  host.beat(members[1], 3)
  host.advance(1_000)
  const handedOut = host.join({}).answer.memberId
  host.join({ memberId: members[0] })
  host.advance(500)
  const { wall } = host.now
  const wait = waitOf(host.group, host.now)
  assert.deepEqual(
    wait!.awaited.map(({ memberId, lastHeardAt, until }) => [
      memberId,
      lastHeardAt && wall - lastHeardAt,
      until - wall,
    ]),
    [
      [handedOut, null, 9_500],
      [members[1], 1_500, 8_500],
      [members[2], 3_500, 6_500],
    ],
  )
  assert.deepEqual([wait!.phase, wait!.awaitedCount, wall - wait!.since], ['join', 3, 500])
})

test('members without a connection are told until they are heard of, and followed by nothing else', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  host.advance(1_000)
  host.disconnect(members[1]!)
  host.advance(3_000)
  const { wall } = host.now
  const wait = waitOf(host.group, host.now)
  assert.deepEqual([wait!.phase, wait!.awaitedCount, wall - wait!.since], ['session', 1, 3_000])
  const { memberId, lastHeardAt, disconnectedAt, until } = wait!.awaited[0]!
  assert.deepEqual(
    [memberId, wall - lastHeardAt!, wall - disconnectedAt!, until - wall],
    [members[1], 4_000, 3_000, 6_000],
  )
  assert.equal(host.beat(members[0], 2), 0)
  assert.equal(host.state, 'Stable')
  host.beat(members[1], 2)
  assert.equal(waitOf(host.group, host.now), null)
})

test('a generation that is formed waits for the assignment of its leader', () => {
  const host = new TestHost()
  const { memberId, sent } = joinDynamic(host)
  host.advance(0)
  assert.equal(sent.answer.generationId, 1)
  host.advance(4_000)
  const wait = waitOf(host.group, host.now)
  assert.deepEqual([wait!.phase, wait!.awaited[0]!.memberId, host.now.wall - wait!.since], ['sync', memberId, 4_000])
})
