import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import { ClientSoftware } from '../../src/client-software.js'
import { GroupHistories } from '../../src/coordinator/history/group-histories.js'
import { RecentBuckets } from '../../src/coordinator/history/recent-buckets.js'
import { RefusedCommits } from '../../src/coordinator/history/refused-commits.js'
import { Tally } from '../../src/coordinator/history/tally.js'
import { ObservedShard } from '../fetch/observed-shard.js'
import { noConnection } from './group-requests.js'

let observed: ObservedShard
let histories: GroupHistories
const software = new ClientSoftware()

beforeEach(() => {
  observed = new ObservedShard(() => [histories])
  histories = new GroupHistories(observed.clock, software)
})

const departures = () => histories.of(observed.group('g'))?.departures.of(observed.clock.now()) ?? []

test('a member that left in time, with what it said and what its client is', () => {
  software.introduce(noConnection, 'rivven')
  const [a = '', b = ''] = observed.settled('g', { a: [0], b: [1] })
  histories.joined(observed.group('g'), a, noConnection)
  observed.leave('g', a, 'poll timeout')
  observed.leave('g', b)
  assert.deepEqual(
    departures().map(({ memberId, cause, reason, software }) => [memberId, cause, reason, software]),
    [
      [a, 'poll timeout', 'poll timeout', 'rivven'],
      [b, 'member left', null, undefined],
    ],
  )
  assert.equal(histories.of(observed.group('g'))?.pulseOf(a), undefined)
})

test('who speaks under an id whose session has ended did not know that time had passed', () => {
  const [a = ''] = observed.settled('g', { a: [0] })
  observed.clock.pass(31_000)
  observed.tick('g')
  histories.refused(observed.group('g'), a, ErrorCode.UNKNOWN_MEMBER_ID)
  const [departed] = departures()
  assert.deepEqual(
    [departed?.cause, departed?.knewNothing, departed?.returnedAt],
    ['session expired', true, observed.clock.now()],
  )
  // A session is heard of from its begin on.
  assert.equal(departed!.at - departed!.lastHeardAt! >= 30_000, true)
})

test('who joins under a new id from the same place has come back', () => {
  observed.settled('g', { a: [0] })
  observed.clock.pass(31_000)
  observed.tick('g')
  observed.join('g', 'a')
  assert.deepEqual(
    departures().map(({ returnedAt, knewNothing }) => [returnedAt, knewNothing]),
    [[observed.clock.now(), false]],
  )
})

test('members that went more than a day ago are forgotten, and of more than a hundred the first', () => {
  for (let time = 0; time < 101; time++) {
    const [a = ''] = observed.settled('g', { a: [0] })
    observed.leave('g', a)
  }
  assert.equal(departures().length, 100)
  observed.clock.pass(86_400_001)
  assert.equal(departures().length, 0)
})

test('a process that takes the place of a static member is known with both hosts, and its signs begin anew', () => {
  const [before = ''] = observed.settled('g', { a: [0] })
  histories.heard(observed.group('g'), before, noConnection)
  observed.join('g', 'a', '', { clientId: 'app', clientHost: '/10.0.0.2' })
  const history = histories.of(observed.group('g'))
  assert.deepEqual(
    history?.replaced.map(({ groupInstanceId, fromHost, toHost }) => [groupInstanceId, fromHost, toHost]),
    [['a', '/10.0.0.1', '/10.0.0.2']],
  )
  assert.equal(history?.pulseOf(before), undefined)
  histories.refused(observed.group('g'), before, ErrorCode.FENCED_INSTANCE_ID)
  assert.equal(history?.fenced.of(observed.clock.monotonic()), 1)
})

test('the usual time between heartbeats is not that of a single pause', () => {
  const [a = ''] = observed.settled('g', { a: [0] })
  const group = observed.group('g')
  for (const gapMs of [0, 3_000, 3_100]) {
    observed.clock.pass(gapMs)
    histories.heard(group, a, noConnection)
  }
  assert.equal(histories.of(group)?.pulseOf(a)?.gapMs, null)
  for (const gapMs of [20_000, 2_900, 3_000]) {
    observed.clock.pass(gapMs)
    histories.heard(group, a, noConnection)
  }
  assert.equal(histories.of(group)?.pulseOf(a)?.gapMs, 3_000)
})

test('commits of members are counted by the minute', () => {
  const [a = ''] = observed.settled('g', { a: [0] })
  const group = observed.group('g')
  for (let commit = 0; commit < 120; commit++) histories.committed(group, a, 5)
  histories.committed(group, 'no member', 5)
  const now = observed.clock.monotonic()
  assert.equal(histories.of(group)?.commitsPerSecond(now), 2)
  assert.equal(histories.commits, 121)
  assert.equal(histories.commitSeconds.quantile(0.99, now), 0.005)
})

test('a tally forgets', () => {
  const tally = new Tally(1_000)
  tally.add(0, 10)
  assert.equal(tally.of(999), 10)
  assert.equal(tally.of(1_500), 5)
  assert.equal(tally.of(2_000), 0)
  tally.add(5_000, 4)
  assert.deepEqual([tally.of(5_000), tally.perSecond(5_000)], [4, 4])
})

test('refused commits are known by member and error, of a hundred pairs at most', () => {
  const refused = new RefusedCommits()
  refused.add('a', 27, 0)
  refused.add('a', 27, 1)
  refused.add('a', 22, 1)
  assert.deepEqual(refused.of(2), [
    { memberId: 'a', errorCode: 27, count: 2 },
    { memberId: 'a', errorCode: 22, count: 1 },
  ])
  for (let member = 0; member < 200; member++) refused.add(`${member}`, 22, 2)
  assert.equal(refused.of(2).length, 100)
  refused.add('later', 22, 1_500_000)
  assert.deepEqual(refused.of(1_500_000), [{ memberId: 'later', errorCode: 22, count: 1 }])
})

test('a histogram of the last minutes knows nothing of what was before', () => {
  const buckets = new RecentBuckets([1, 10], 1_000)
  assert.equal(buckets.quantile(0.99, 0), null)
  buckets.add(100, 0)
  assert.equal(buckets.quantile(0.5, 10), Number.POSITIVE_INFINITY)
  for (let count = 0; count < 9; count++) buckets.add(0.5, 1_500)
  assert.deepEqual([buckets.quantile(0.9, 1_500), buckets.quantile(0.99, 1_500)], [1, Number.POSITIVE_INFINITY])
  assert.equal(buckets.quantile(0.99, 4_000), null)
})
