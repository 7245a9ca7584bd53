import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { type GroupShard, membersDisconnected } from '@rivven/groups'
import type { Nudge, Nudges } from '../../src/cluster/peers/nudges.js'
import type { FetchTarget } from '../../src/fetch/fetch-target.js'
import { RebalanceHints } from '../../src/fetch/rebalance-hints.js'
import type { PartitionLog } from '../../src/log/partition-log.js'
import type { TestClock } from '../coordinator/test-clock.js'
import { host, ObservedShard } from './observed-shard.js'

const empty = Buffer.alloc(0)

let observed: ObservedShard
let clock: TestClock
let hints: RebalanceHints
let shard: GroupShard

beforeEach(() => {
  mayKnow = () => true
  observed = new ObservedShard(() => [hints])
  ;({ clock, shard } = observed)
  hints = new RebalanceHints(clock)
})

const join = (groupId: string, instance: string, memberId?: string) => observed.join(groupId, instance, memberId)
const settled = (groupId: string, owned: Record<string, number[]>) => observed.settled(groupId, owned)
const leave = (groupId: string, memberId: string) => observed.leave(groupId, memberId)

function targets(...partitions: number[]): FetchTarget[] {
  return partitions.map((partition) => {
    const log = { topic: 't', partition } as PartitionLog
    return { wish: { partition } as FetchTarget['wish'], log, missing: 0 }
  })
}

/** Of the groups that a client may READ. */
let mayKnow: (groupId: string) => boolean = () => true

function taken(client: typeof host, wanted: FetchTarget[]): boolean {
  return hints.take({ client, targets: wanted, mayKnow })
}

/** A fetch that waits; tells how often it was woken. */
function waiting(partitions: number[], client = host, maxWaitMs = 500) {
  const fetch = { woken: 0, stop: (): void => undefined }
  const stop = hints.wait({ client, targets: targets(...partitions), maxWaitMs, mayKnow }, () => {
    fetch.woken++
    stop?.()
  })
  fetch.stop = () => stop?.()
  return fetch
}

test('a rebalance wakes the waiting fetches of the other members, and no others', () => {
  settled('g', { a: [0, 1], b: [2, 3] })
  settled('other group', { c: [4] })
  const a = waiting([1, 0])
  const b = waiting([3])
  const elsewhere = waiting([4])
  const foreign = waiting([0], { ...host, clientId: 'other' })
  const remote = waiting([0], { ...host, clientHost: '/10.0.0.2' })
  leave('g', shard.groups.get('g')!.staticMembers.get('a')!)
  assert.deepEqual([a.woken, b.woken, elsewhere.woken, foreign.woken, remote.woken], [0, 1, 0, 0, 0])
  assert.equal(hints.owed, 0)
})

test('a member whose fetch does not wait is owed one hint, for its next fetch', () => {
  settled('g', { a: [0, 1], b: [2] })
  join('g', 'c')
  assert.equal(hints.owed, 3)
  assert.equal(taken({ ...host, clientId: 'other' }, targets(0)), false)
  assert.equal(taken(host, targets(7)), false)
  assert.equal(taken(host, targets(1)), true)
  assert.equal(taken(host, targets(1, 0)), false)
  assert.equal(taken(host, targets(2)), true)
  assert.equal(hints.owed, 0)
})

test('a fetch that would have ended soon ends, and the hint is given with the next one', async () => {
  settled('g', { a: [0], b: [1] })
  const early = waiting([0])
  const late = waiting([1], host, 500)
  await clock.advance(200)
  join('g', 'c')
  assert.deepEqual([early.woken, late.woken, hints.owed], [1, 1, 0])
  for (const id of [...shard.groups.get('g')!.members.keys()]) leave('g', id)

  settled('h', { a: [0], b: [1] })
  const nearlyOver = waiting([0])
  await clock.advance(300)
  const young = waiting([1])
  join('h', 'c')
  assert.deepEqual([nearlyOver.woken, young.woken, hints.owed], [1, 1, 1])
  assert.equal(taken(host, targets(0)), true)
})

test('a fetch from before the generation may be of a former owner, so the present one is owed a hint as well', () => {
  const before = waiting([0])
  settled('g', { a: [0], b: [1] })
  join('g', 'c')
  assert.deepEqual([before.woken, hints.owed], [1, 2])
  assert.equal(taken(host, targets(0)), true)
})

test('who may not read the group is not told of its rebalance, and the member is owed its hint still', () => {
  settled('g', { a: [0], b: [1] })
  mayKnow = (groupId) => groupId !== 'g'
  const spy = waiting([0])
  join('g', 'c')
  assert.deepEqual([spy.woken, hints.owed], [0, 2])
  assert.equal(taken(host, targets(0)), false)
  mayKnow = () => true
  assert.equal(taken(host, targets(0)), true)
})

test('who has rejoined needs no hint any more', () => {
  const [a] = settled('g', { a: [0], b: [1] })
  join('g', 'c')
  assert.equal(hints.owed, 2)
  join('g', 'a', a)
  assert.equal(taken(host, targets(0)), false)
})

test('that a member loses its connection takes no hint from the others', () => {
  const [a = ''] = settled('g', { a: [0], b: [1] })
  join('g', 'c')
  observed.decide((now) => membersDisconnected(shard, { groupId: 'g', memberIds: [a] }, now))
  assert.equal(hints.owed, 2)
})

test('hints are forgotten when the rebalance is over, and after some seconds', async () => {
  const [a, b] = settled('g', { a: [0], b: [1] })
  join('g', 'c')
  assert.equal(hints.owed, 2)
  join('g', 'a', a)
  join('g', 'b', b)
  assert.equal(shard.groups.get('g')!.state, 'CompletingRebalance')
  assert.equal(hints.owed, 0)

  settled('h', { a: [0] })
  join('h', 'c')
  await clock.advance(6_000)
  assert.equal(taken(host, targets(0)), false)
  assert.equal(hints.owed, 0)
})

test('where many groups look the same from outside nobody is woken in place of another', () => {
  settled('g', { a: [0], b: [1] })
  const alike = Array.from({ length: 17 }, () => waiting([0]))
  const [b] = [waiting([1])]
  join('g', 'c')
  assert.deepEqual([alike.filter(({ woken }) => woken > 0).length, b.woken, hints.owed], [0, 1, 0])
})

test('members without a readable assignment, and fetches that ended, are left alone', () => {
  settled('g', { a: [0], b: [1] })
  for (const member of shard.groups.get('g')!.members.values()) {
    if (member.groupInstanceId === 'a') member.assignment = empty
    else member.assignment = Buffer.from([9, 9, 9])
  }
  const gone = waiting([0])
  gone.stop()
  join('g', 'c')
  assert.deepEqual([gone.woken, hints.owed], [0, 0])
})

/** Broker 2 leads the partitions from 10 on, and hears what this one has to say to it. */
function withOther() {
  const other = new RebalanceHints(clock)
  const sent: Nudge[] = []
  const leaderElsewhere = (_: string, partition: number) => (partition >= 10 ? 2 : undefined)
  const send = (broker: number, nudges: readonly Nudge[]) => {
    assert.equal(broker, 2)
    sent.push(...nudges)
    other.nudged(nudges)
  }
  hints = new RebalanceHints(clock, { leaderElsewhere, send } as unknown as Nudges)
  return { other, sent }
}

test('members that fetch nothing here are told by the leader of their first partition', () => {
  const { other, sent } = withOther()
  settled('g', { a: [10, 11], b: [12], c: [0, 13] })
  let woken = 0
  other.wait({ client: host, targets: targets(12), maxWaitMs: 500, mayKnow }, () => woken++)
  clock.pass(1)
  join('g', 'd')
  assert.deepEqual(
    sent.map(({ groupId, topic, partition }) => [groupId, topic, partition]),
    [
      ['g', 't', 10],
      ['g', 't', 12],
    ],
  )
  assert.deepEqual([woken, other.owed], [1, 1])
  assert.equal(other.take({ client: host, targets: targets(10, 11), mayKnow }), true)
  // The one with a partition of each hears of it here.
  assert.equal(hints.owed, 2)
})

test('hints for groups of other brokers are kept for a while only', async () => {
  const { other } = withOther()
  settled('g', { a: [10] })
  join('g', 'b')
  assert.equal(other.owed, 1)
  await clock.advance(5_000)
  assert.equal(other.take({ client: host, targets: targets(10), mayKnow }), false)
  settled('h', { c: [11] })
  join('h', 'd')
  assert.equal(other.owed, 1)
})
