import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinDynamic, stableGroup, TestHost } from './support/host.js'

/** A group of two in each state, with a member that is not the leader. */
const states: Record<string, () => { host: TestHost; memberId: string; generation: number }> = {
  'unknown group': () => ({ host: new TestHost(), memberId: 'm', generation: 1 }),
  Empty: () => {
    const host = new TestHost()
    const { members } = stableGroup(host)
    host.leave([{ memberId: members[0] }])
    return { host, memberId: members[0], generation: 2 }
  },
  PreparingRebalance: () => {
    const host = new TestHost()
    const { members } = stableGroup(host, {}, {})
    host.join({ memberId: members[0] })
    return { host, memberId: members[1], generation: 2 }
  },
  CompletingRebalance: () => {
    const host = new TestHost()
    joinDynamic(host)
    const { memberId } = joinDynamic(host)
    host.advance(0)
    return { host, memberId, generation: 1 }
  },
  Stable: () => {
    const host = new TestHost()
    const { members } = stableGroup(host, {}, {})
    return { host, memberId: members[1], generation: 2 }
  },
}

type Answers = Record<keyof typeof states, number | 'waits'>

function answersAre(
  name: string,
  expected: Answers,
  ask: (setup: ReturnType<(typeof states)[string]>) => number | 'waits',
) {
  for (const [state, setUp] of Object.entries(states)) {
    test(`${name}: ${state} answers ${expected[state]}`, () => assert.equal(ask(setUp()), expected[state]))
  }
}

const ofMember = { PreparingRebalance: 27, CompletingRebalance: 0, Stable: 0 }
const nobody = { 'unknown group': 25, Empty: 25 }

answersAre('Heartbeat', { ...nobody, ...ofMember }, ({ host, memberId, generation }) => host.beat(memberId, generation))

answersAre(
  'SyncGroup of a follower',
  { ...nobody, PreparingRebalance: 27, CompletingRebalance: 'waits', Stable: 0 },
  ({ host, memberId, generation }) => {
    const sent = host.sync({ memberId, generationId: generation })
    return sent.isWaiting ? 'waits' : sent.answer.errorCode
  },
)

answersAre(
  'JoinGroup with a changed subscription',
  { ...nobody, PreparingRebalance: 0, CompletingRebalance: 'waits', Stable: 'waits' },
  ({ host, memberId }) => {
    const sent = host.join({ memberId, protocols: { range: 'changed' } })
    return sent.isWaiting ? 'waits' : sent.answer.errorCode
  },
)

answersAre(
  'LeaveGroup',
  { ...nobody, PreparingRebalance: 0, CompletingRebalance: 0, Stable: 0 },
  ({ host, memberId }) => host.leave([{ memberId }]).members[0].errorCode,
)

answersAre(
  'OffsetCommit of a member',
  { 'unknown group': 69, Empty: 25, PreparingRebalance: 0, CompletingRebalance: 27, Stable: 0 },
  ({ host, memberId, generation }) => host.commit({ memberId, generationId: generation }),
)

answersAre(
  'OffsetCommit of nobody',
  { 'unknown group': 0, Empty: 0, PreparingRebalance: 25, CompletingRebalance: 25, Stable: 25 },
  ({ host }) => host.commit({}),
)

answersAre(
  'OffsetDelete',
  { 'unknown group': 69, Empty: 0, PreparingRebalance: 0, CompletingRebalance: 0, Stable: 0 },
  ({ host }) => host.deleteOffset().errorCode,
)

answersAre(
  'DeleteGroups',
  { 'unknown group': 69, Empty: 0, PreparingRebalance: 68, CompletingRebalance: 68, Stable: 68 },
  ({ host }) => host.deleteGroup(),
)

for (const [state, setUp] of Object.entries(states)) {
  test(`a generation that is over is answered 22 in ${state}, whatever the state would answer`, () => {
    const { host, memberId } = setUp()
    if (state === 'unknown group' || state === 'Empty') return
    assert.equal(host.beat(memberId, 77), 22)
    assert.equal(host.sync({ memberId, generationId: 77 }).answer.errorCode, 22)
    assert.equal(host.commit({ memberId, generationId: 77 }), 22)
  })
}

test('a commit of a generation to an unknown group is 22 before version 9', () => {
  assert.equal(new TestHost().commit({ generationId: 1, memberId: 'm', version: 8 }), 22)
})

test('DescribeGroups shows metadata and assignments in Stable only, and 69 from version 6 on', () => {
  const host = new TestHost()
  assert.deepEqual(
    [host.describe(5).errorCode, host.describe(5).groupState, host.describe(6).errorCode],
    [0, 'Dead', 69],
  )
  const { members } = stableGroup(host, { protocols: { range: 'topics' } })
  const [member] = host.describe().members
  assert.deepEqual(
    [member.memberMetadata.toString(), member.memberAssignment.toString(), member.clientId, member.clientHost],
    ['topics', `for ${members[0]}`, 'app', '/10.0.0.1'],
  )
  host.join()
  host.join({ memberId: members[0], protocols: { range: 'x' } })
  const described = host.describe()
  assert.deepEqual([described.groupState, described.protocolData], ['PreparingRebalance', ''])
  assert.equal(described.members[0].memberMetadata.length, 0)
})
