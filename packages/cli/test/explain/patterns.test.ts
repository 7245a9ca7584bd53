import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RebalanceStory } from '@rivven/client'
import { recentPast, tellPast } from '../../src/explain/patterns.js'
import { memberNamed, storyOf } from './story-of.js'

const hour = 3_600_000

function tell(stories: readonly Partial<RebalanceStory>[], span = hour): string {
  return tellPast(recentPast(stories.map(storyOf)), span).join('\n')
}

function times(count: number, facts: Partial<RebalanceStory>): Partial<RebalanceStory>[] {
  return Array.from({ length: count }, () => facts)
}

test('one member whose session expires again and again is named, with what to look at and the setting', () => {
  const expired = times(5, { cause: 'session expired', culprit: memberNamed('app-2') })
  const text = tell([...expired, ...times(2, { culprit: memberNamed('app-2') })])
  assert.match(
    text,
    /^In the last hour: 7 rebalances, 21 s in all \(5 because the session of app-2 expired and 2 because app-2/,
  )
  assert.match(text, /What to do \(session expired, app-2\):/)
  assert.match(text.replace(/\s+/g, ' '), /raise session_timeout_ms \(default 45000\)/)
  assert.doesNotMatch(text, /What to do \(member joined/)
})

test('a member is the same after it came back under another member id', () => {
  const first = memberNamed('app-2')
  const second = { ...first, memberId: 'app-2-other' }
  const past = recentPast([storyOf({ culprit: first }), storyOf({ culprit: second })])
  assert.deepEqual(past.patterns, [{ cause: 'member joined', who: 'app-2', count: 2 }])
})

test('many members that each come once are one line', () => {
  const joins = Array.from({ length: 4 }, (_, at) => ({ culprit: memberNamed(`app-${at}`) }))
  assert.match(tell(joins), /\(4 because members joined\)\.\n {2}Nothing of this needs you\./)
})

test('everyday causes get advice once there are more than ten an hour', () => {
  const text = tell(times(11, { cause: 'member left', culprit: memberNamed('job') }))
  assert.match(text, /That is too often: more than 10 an hour/)
  assert.match(text.replace(/\s+/g, ' '), /What to do \(member left, job\):.*group_instance_id/)
  assert.match(
    tell(times(11, { cause: 'member left' }), 24 * hour),
    /^In the last 1 d: .*\n {2}Nothing of this needs you/,
  )
  assert.doesNotMatch(tell(times(3, { cause: 'member left' }), 5000), /too often/)
})

test('members that the group waits for are named with how long', () => {
  const late = [{ ...memberNamed('slow'), phase: 'join', waitedMs: 9000, removed: false } as const]
  assert.match(tell(times(3, { late })), /The group waited for slow 3 times, up to 9 s\./)
})

test('a quiet past is said to be quiet', () => {
  assert.equal(tell([]), 'In the last hour there was no rebalance.')
})
