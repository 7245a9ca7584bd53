import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RebalanceStory } from '@rivven/client'
import { causeWords } from '@rivven/doctor'
import { tellRebalance } from '../../src/explain/last-rebalance.js'
import { memberNamed, storyOf } from './story-of.js'

const told = (facts: Partial<RebalanceStory>) => tellRebalance(storyOf(facts), 1_063_000).join('\n')

test('a join tells who came, what the client said and how long each phase took', () => {
  const text = told({ reason: 'scaled up', joined: [memberNamed('app-3')], joinedCount: 1 })
  assert.match(text, /^The last rebalance was 1 min ago, at 1970-01-01T00:16:43Z; it took 3 s\.\n/)
  assert.match(
    text,
    /Why: +app-3 \(member id app-3-11112222-\S+, on 10\.0\.0\.7\) joined\. The client said:\s+"scaled up"\./,
  )
  assert.match(text, /Time: +2\.9 s until all members had joined, then 100 ms for the leader's assignment\./)
  assert.match(text, /Members: +2 before, 3 after\. Came: app-3\./)
})

test('the reason of every first join is noise', () => {
  const text = told({ reason: 'need to re-join with the given member-id: app-3-1' })
  assert.doesNotMatch(text, /The client said/)
})

test('who was waited for is told, most of all who was given up', () => {
  const slow = { ...memberNamed('app-1', 'pod-1'), phase: 'join', waitedMs: 12_000, removed: false } as const
  const gone = { ...memberNamed('app-2'), phase: 'sync', waitedMs: 300_000, removed: true } as const
  const flat = told({ late: [slow, gone] }).replace(/\s+/g, ' ')
  assert.match(
    flat,
    /Waited: pod-1 took 12 s to join and app-2 \(member id \S+, on 10\.0\.0\.7\) did not come to take up/,
  )
  assert.match(flat, /was given up after 5 min\./)
  const quick = told({ late: [{ ...slow, waitedMs: 4 }] })
  assert.match(quick, /Waited: +for nobody long; pod-1 took 4 ms to join\./)
})

test('a protocol that was not elected is told with its reason', () => {
  const refused = [{ name: 'cooperative-sticky', because: 'app-1 (app-1-8f) does not support it' }]
  const text = told({ protocol: { elected: 'range', votes: { range: 3 }, refused } })
  assert.match(
    text,
    /range was elected with 3 of 3 votes\. Not cooperative-sticky: app-1 \(app-1-8f\) does not\s+support it\./,
  )
})

test('partitions that moved are named with their owners, in few words', () => {
  const owner = (name: string) => memberNamed(name).memberId
  const moves = [
    { topic: 'orders', partition: 4, from: owner('app-1'), to: 'pod-3' },
    { topic: 'orders', partition: 5, from: owner('app-2'), to: null },
  ]
  const flat = told({ partitions: { moved: 1, kept: 4, assigned: 6, released: 1, moves } }).replace(/\s+/g, ' ')
  assert.match(
    flat,
    /1 moved to another member, 4 stayed, 1 had no owner before, 1 have none until the next generation\./,
  )
  assert.match(
    flat,
    /orders\/4 from app-1-11112222… to pod-3, orders\/5 from app-2-11112222… to nobody yet and 1 more\./,
  )
  assert.doesNotMatch(told({ partitions: null }), /Partitions:/)
})

test('a rebalance that never finished says so', () => {
  for (const [outcome, words] of [
    ['emptied', /nobody reads its partitions/],
    ['superseded', /the next rebalance began/],
    ['coordinator moved', /the coordinator went away/],
    ['deleted', /deleted/],
  ] as const) {
    assert.match(told({ outcome, phases: { joinMs: 1, syncMs: null } }), words)
  }
})

test('every cause has a sentence and advice that names a setting or a place to look', () => {
  const causes: RebalanceStory['cause'][] = [
    'first member',
    'member joined',
    'member left',
    'session expired',
    'poll timeout',
    'admin',
    'subscription changed',
    'partitions added',
    'partitions handed over',
    'leader rejoined',
    'member rejoined',
    'static member replaced',
    'member did not sync',
    'member did not join',
    'group larger than its maximum',
    'coordinator moved',
  ]
  for (const cause of causes) {
    const words = causeWords(cause)
    assert.match(words.what('app-1'), /^[^a-z].*\.$|^app-1 .*\.$/, cause)
    assert.doesNotMatch(words.advice, /log of that member\.$/, cause)
    assert.doesNotMatch(words.phrase(null), /null|undefined/, cause)
  }
  assert.match(causeWords('something new' as RebalanceStory['cause']).what('app-1'), /something new \(app-1\)/)
})
