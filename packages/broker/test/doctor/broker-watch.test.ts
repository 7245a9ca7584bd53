import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Group } from '@rivven/groups'
import { brokerConfig } from '../../src/config/broker-config.js'
import { GroupHistories } from '../../src/coordinator/history/group-histories.js'
import { CommitWatch } from '../../src/doctor/commit-watch.js'
import { LoopWatch } from '../../src/doctor/loop-watch.js'
import { openListeners } from '../../src/doctor/open-listeners.js'
import { TestClock } from '../coordinator/test-clock.js'

test('how late the event loop is over five minutes, and when it stood still', () => {
  const clock = new TestClock()
  let delays = { p99Ms: 2, maxMs: 5 }
  const watch = new LoopWatch(clock, { take: () => delays, close: () => undefined })
  const sample = () => {
    clock.pass(10_000)
    watch.sample()
  }
  delays = { p99Ms: 80, maxMs: 5 }
  sample()
  assert.equal(watch.fact().p99Ms, 0, 'of a start nothing follows')
  delays = { p99Ms: 2, maxMs: 5 }
  for (let times = 0; times < 4; times++) sample()
  delays = { p99Ms: 80, maxMs: 4_000 }
  sample()
  const to = clock.now()
  delays = { p99Ms: 3, maxMs: 999 }
  sample()
  assert.deepEqual(watch.fact(), { p99Ms: 2, stalls: [{ from: to - 10_000, to, ms: 4_000 }] })
  for (let times = 0; times < 31; times++) sample()
  assert.deepEqual(watch.fact(), { p99Ms: 3, stalls: [] })
})

test('commits of all groups are told of when five minutes are known, the least of them and who makes most', () => {
  const clock = new TestClock()
  const histories = new GroupHistories(clock)
  const groups = ['busy', 'quiet'].map((groupId) => ({ groupId, members: new Map([['m', {}]]) }) as unknown as Group)
  const watch = new CommitWatch({ clock, histories, groups: () => groups })
  for (let samples = 0; samples < 30; samples++) {
    for (let commits = 0; commits < (samples === 7 ? 6_000 : 9_000); commits++)
      histories.committed(groups[commits % 10 === 0 ? 1 : 0]!, 'm', 1)
    clock.pass(10_000)
    watch.sample()
    if (samples === 0) assert.deepEqual(watch.fact(), { leastPerSecond: null, top: [] })
  }
  const { leastPerSecond, top } = watch.fact()
  assert.equal(leastPerSecond, 600)
  assert.deepEqual(
    top.map(({ group }) => group),
    ['busy', 'quiet'],
  )
  assert.ok(Math.abs(top[0]!.perSecond - 810) < 150, `${top[0]?.perSecond}`)
})

test('a listener is open where other machines reach it, nobody logs in and no ACL counts', () => {
  const open = (values: Record<string, unknown>) => openListeners(brokerConfig([{ from: 'test', values }]))
  assert.deepEqual(open({ listen: '127.0.0.1:9092' }), [])
  assert.deepEqual(
    open({ listen: '0.0.0.0:9092', advertised_listeners: 'PLAINTEXT://h:9092', allow_anonymous: true }),
    [{ listener: 'PLAINTEXT', address: '0.0.0.0:9092' }],
  )
})
