import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeAssignment } from '@rivven/groups'
import { RivvenError } from '@rivven/link'
import { type Api, ErrorCode } from '@rivven/protocol'
import type { BackgroundOwner, Clock } from '@rivven/runtime'
import type { OffsetToCommit } from '../../../src/admin/group-offsets.js'
import { Membership } from '../../../src/consumer/group/membership.js'
import { ListenerCalls } from '../../../src/consumer/group/rebalance-listener.js'
import type { HeartbeatNews } from '../../../src/consumer/heartbeats/heartbeat-messages.js'
import { type ConsumerOptions, consumerSettings } from '../../../src/consumer/options/consumer-options.js'
import { Bell } from '../../../src/consumer/state/bell.js'
import { SubscriptionState } from '../../../src/consumer/state/subscription-state.js'
import type { TopicWatch } from '../../../src/consumer/state/topic-watch.js'
import { Troubles } from '../../../src/consumer/state/troubles.js'
import type { Cluster } from '../../../src/net/cluster.js'
import type { GroupRequests } from '../../../src/net/group-requests.js'

const time = { now: 0 }
const clock: Clock = { now: () => 0, monotonic: () => time.now, setTimer: () => ({ cancel: () => undefined }) }
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A request on its way, to be answered by the test. */
interface Sent {
  readonly api: string
  readonly request: { readonly memberId: string }
  readonly answer: (response: object) => void
  readonly fail: (error: Error) => void
}

/** A member of a group whose coordinator is the test. */
function memberOf(options: Partial<ConsumerOptions> = {}) {
  const sent: Sent[] = []
  const send = ({ name }: Api, asked: object | ((version: number) => object)) =>
    new Promise<unknown>((resolve, reject) => {
      const request = (typeof asked === 'function' ? asked(9) : asked) as Sent['request']
      sent.push({ api: name, request, answer: (response) => resolve({ errorCode: 0, ...response }), fail: reject })
    })
  /** Who hears of the heartbeats' thread. */
  let tellNews: (news: HeartbeatNews) => void = () => assert.fail('no heartbeats')
  const background = {
    start: (_task: unknown, _input: unknown, { received }: BackgroundOwner<HeartbeatNews>) => {
      tellNews = received
      return { tell: () => undefined, stop: () => undefined }
    },
  }
  const cluster = {
    runtime: { clock, background, random: { next: () => 0.5 } },
    requestTimeoutMs: 1_000,
    security: { tokens: null },
    knownCoordinator: () => undefined,
  } as unknown as Cluster
  const subscription = new SubscriptionState()
  subscription.subscribe(['t'])
  const settings = consumerSettings({ bootstrapServers: 'unused', groupId: 'g', ...options })
  const listener = new ListenerCalls(clock, 1_000)
  const troubles = new Troubles(clock, 1000)
  const membership = new Membership({
    cluster,
    settings,
    subscription,
    requests: { groupId: 'g', send, part: send, movedBy: () => undefined } as unknown as GroupRequests,
    watch: {
      watchGroupTopics: () => undefined,
      prepare: async () => undefined,
      update: () => undefined,
    } as unknown as TopicWatch,
    troubles,
    bell: new Bell(clock),
    listener,
    commitHandled: async () => undefined,
  })
  const poll = async () => {
    await membership.advance(1_000)
    await settled()
  }
  const { name: usual } = settings.assignors[0]!
  /** The answer to JoinGroup, for a follower. */
  const joined = async (memberId: string, generationId: number, protocolName = usual) => {
    sent
      .at(-1)!
      .answer({ memberId, generationId, leader: 'other', protocolType: 'consumer', protocolName, members: [] })
    await settled()
  }
  /** The answer to SyncGroup. */
  const assigned = async (partitions: number[], protocolName = usual) => {
    const assignment = encodeAssignment({ assignedPartitions: [{ topic: 't', partitions }], userData: null })
    sent.at(-1)!.answer({ protocolName, assignment })
    await settled()
  }
  /** Joins as follower, and takes the assignment of t/0. */
  const join = async (memberId: string, generationId: number) => {
    await joined(memberId, generationId)
    await assigned([0])
    await poll()
  }
  const news = (told: HeartbeatNews) => tellNews(told)
  return { membership, listener, troubles, sent, news, poll, joined, assigned, join, settings }
}

test('a refusal that comes while JoinGroup is on its way starts no second one', async () => {
  const { membership, sent, poll, join } = memberOf()
  membership.requestRejoin('first join')
  await poll()
  await join('m', 1)
  assert.equal(membership.state, 'stable')
  membership.requestRejoin('partitions changed')
  await poll()
  assert.equal(sent.at(-1)?.api, 'JoinGroup')
  const joins = sent.length
  membership.refused(ErrorCode.UNKNOWN_MEMBER_ID, { memberId: 'm', generationId: 1, groupInstanceId: null })
  await poll()
  await poll()
  assert.equal(sent.length, joins)
  sent.at(-1)!.answer({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
  await settled()
  assert.equal(sent.length, joins + 1)
  assert.equal(sent.at(-1)?.request.memberId, '')
})

test('a member that the coordinator has just admitted was heard of just now, though no heartbeat was answered yet', async (t) => {
  t.after(() => {
    time.now = 0
  })
  const { membership, poll, joined, assigned } = memberOf()
  membership.requestRejoin('first join')
  await poll()
  time.now = 100_000
  await joined('m', 1)
  assert.deepEqual([membership.generationId, membership.ages(100_010).heartbeatMs], [1, 10])
  time.now = 101_000
  await assigned([0])
  assert.equal(membership.ages(101_000).heartbeatMs, 0)
})

test('a static member whose first JoinGroup got no answer may be fenced by it once, and joins again', async () => {
  const { membership, sent, poll, join } = memberOf({ groupInstanceId: 'i' })
  membership.requestRejoin('first join')
  await poll()
  sent.at(-1)!.fail(new RivvenError('AUTHORIZATION_FAILED', 'The line was cut.'))
  await settled()
  await poll()
  await join('i-1', 1)
  const identity = { memberId: 'i-1', generationId: 1, groupInstanceId: 'i' }
  assert.equal(membership.refused(ErrorCode.FENCED_INSTANCE_ID, identity), ErrorCode.UNKNOWN_MEMBER_ID)
  await poll()
  assert.deepEqual([sent.at(-1)?.api, sent.at(-1)?.request.memberId], ['JoinGroup', ''])
  await join('i-2', 2)
  membership.refused(ErrorCode.FENCED_INSTANCE_ID, { ...identity, memberId: 'i-2', generationId: 2 })
  await assert.rejects(poll(), { code: 'FENCED_INSTANCE_ID' })
})

test('a static member whose new place a crash of the coordinator took joins again once', async () => {
  const { membership, sent, poll } = memberOf({ groupInstanceId: 'i' })
  const answerJoin = (memberId: string) =>
    sent.at(-1)!.answer({ memberId, generationId: 1, leader: 'other', protocolType: 'consumer', protocolName: 'range' })
  membership.requestRejoin('first join')
  await poll()
  answerJoin('i-1')
  await settled()
  sent.at(-1)!.answer({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS })
  await settled()
  assert.deepEqual([sent.at(-1)?.api, sent.at(-1)?.request.memberId], ['JoinGroup', 'i-1'])
  sent.at(-1)!.answer({ errorCode: ErrorCode.FENCED_INSTANCE_ID })
  await settled()
  assert.deepEqual([sent.at(-1)?.api, sent.at(-1)?.request.memberId], ['JoinGroup', ''])
  sent.at(-1)!.answer({ errorCode: ErrorCode.FENCED_INSTANCE_ID })
  await settled()
  await assert.rejects(poll(), { code: 'FENCED_INSTANCE_ID' })
})

test('what keeps heartbeats from being taken reaches poll, if they are of the present generation', async () => {
  const { membership, troubles, news, poll, join } = memberOf()
  membership.requestRejoin('first join')
  await poll()
  await join('m', 1)
  const error = { code: 'AUTHORIZATION_FAILED', message: 'No.', hint: undefined, facts: {}, errorCode: 30 }
  news({ kind: 'failed', member: { memberId: 'm', generationId: 0 }, error })
  troubles.throwIfDue()
  news({ kind: 'failed', member: { memberId: 'm', generationId: 1 }, error })
  assert.throws(() => troubles.throwIfDue(), { code: 'AUTHORIZATION_FAILED', errorCode: 30 })
  assert.equal(membership.state, 'stable')
})

/** What the permit for these says, in one word each: the generation, or null between two, and what is refused. */
function permitOf({ membership }: ReturnType<typeof memberOf>, offsets: readonly OffsetToCommit[]) {
  const claim = membership.claimFor(offsets)
  return () => {
    const permit = claim.permit(offsets)
    return permit && { generation: permit.identity.generationId, count: permit.offsets.length, refusal: permit.refusal }
  }
}

const atFive = [{ topic: 't', partition: 0, offset: 5 }]

test('a commit goes in the generation of the moment, and fails once its partition was lost, though it came back', async () => {
  const one = memberOf()
  const { membership, poll, join } = one
  membership.requestRejoin('first join')
  await poll()
  await join('m', 1)
  const permit = permitOf(one, atFive)
  assert.deepEqual(permit(), { generation: 1, count: 1, refusal: null })
  membership.refused(ErrorCode.ILLEGAL_GENERATION, { memberId: 'm', generationId: 1, groupInstanceId: null })
  assert.match(permit()!.refusal!.message, /t\/0 cannot be committed.*went on to another generation without it/)
  await poll()
  await join('m', 3)
  assert.equal(permit()?.count, 0)
  assert.equal(permit()?.refusal?.code, 'COMMIT_FAILED')
  assert.deepEqual(permitOf(one, atFive)(), { generation: 3, count: 1, refusal: null })
})

const cooperative = { partitionAssignmentStrategy: 'cooperative_sticky' } as const

test('what stays is committed while the member joins, not while the group is assigned, and then without a poll', async () => {
  const one = memberOf(cooperative)
  const { membership, poll, join, joined, assigned } = one
  membership.requestRejoin('first join')
  await poll()
  await join('m', 1)
  const permit = permitOf(one, atFive)
  membership.requestRejoin('another member came')
  await poll()
  assert.equal(membership.state, 'joining')
  assert.deepEqual(permit(), { generation: 1, count: 1, refusal: null })
  const changed = membership.claimFor(atFive).changed()
  await joined('m', 2)
  await changed
  assert.equal(membership.state, 'syncing')
  assert.equal(permit(), null)
  await assigned([])
  assert.equal(membership.state, 'assigned')
  assert.deepEqual(permit(), { generation: 2, count: 1, refusal: null })
  await poll()
  assert.match(permit()!.refusal!.message, /t\/0 cannot be committed.*they were given up/)
})

test('what an eager leader gave to others is not committed, though poll has yet to tell, nor when it tells', async () => {
  const one = memberOf(cooperative)
  const { membership, listener, poll, join, joined, assigned } = one
  membership.requestRejoin('first join')
  await poll()
  await join('m', 1)
  const permit = permitOf(one, atFive)
  membership.requestRejoin('another member came')
  await poll()
  await joined('m', 2, 'range')
  await assigned([], 'range')
  assert.equal(membership.state, 'assigned')
  assert.match(permit()!.refusal!.message, /t\/0 cannot be committed/)
  const inListener: unknown[] = []
  listener.listener = { onPartitionsLost: () => inListener.push(permit()!.count) }
  await poll()
  assert.deepEqual(inListener, [0])
})

test('what may have been given to others in a generation that was missed waits for the next one', async () => {
  const one = memberOf(cooperative)
  const { membership, sent, poll, join, joined, assigned } = one
  membership.requestRejoin('first join')
  await poll()
  await join('m', 1)
  const permit = permitOf(one, atFive)
  membership.requestRejoin('another member came')
  await poll()
  await joined('m', 2, 'range')
  sent.at(-1)!.answer({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS })
  await settled()
  assert.equal(membership.state, 'joining')
  assert.equal(permit(), null)
  await joined('m', 3)
  await assigned([0])
  assert.deepEqual(permit(), { generation: 3, count: 1, refusal: null })
})

test('nobody waits for a generation once the member has stopped joining', async () => {
  const one = memberOf(cooperative)
  const { membership, poll, join, joined } = one
  membership.requestRejoin('first join')
  await poll()
  await join('m', 1)
  const claim = membership.claimFor(atFive)
  membership.requestRejoin('another member came')
  await poll()
  await joined('m', 2)
  assert.equal(claim.permit(atFive), null)
  const changed = claim.changed()
  void membership.leave('unsubscribed', 1_000)
  await changed
  assert.equal(claim.permit(atFive)?.refusal?.code, 'COMMIT_FAILED')
})

test('closing during the first join gives back the id that comes too late', async () => {
  const { membership, sent, poll } = memberOf()
  membership.requestRejoin('first join')
  await poll()
  assert.deepEqual([sent.at(-1)?.api, sent.at(-1)?.request.memberId], ['JoinGroup', ''])
  let hasLeft = false
  const leaving = membership.leave('the consumer was closed', 1_000).then(() => {
    hasLeft = true
  })
  await settled()
  assert.equal(hasLeft, false)
  sent.at(-1)!.answer({ errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: 'late' })
  await settled()
  assert.deepEqual([sent.at(-1)?.api, sent.at(-1)?.request.memberId], ['LeaveGroup', 'late'])
  sent.at(-1)!.answer({})
  await leaving
})
