import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupWait } from '@rivven/client'
import { freshWait, tellWait, waitIn } from '../../src/explain/waits.js'
import { memberNamed } from './story-of.js'

const now = 1_700_000_000_000

function waitOf(facts: Partial<GroupWait>): GroupWait {
  const base = { kind: 'waiting', groupId: 'orders', at: now - 1_000, since: now - 13_000 } as const
  return { ...base, phase: 'join', awaited: [], awaitedCount: 0, ...facts }
}

const tell = (wait: GroupWait) => tellWait(wait, now).join(' ').replace(/\s+/g, ' ')

test('a group that was empty waits for nobody who could come', () => {
  const text = tell(waitOf({ phase: 'gather' }))
  assert.match(text, /^It was empty, .* nobody holds it up, and nothing needs you\. .* It has waited for 13 s\.$/)
  assert.doesNotMatch(text, /What to do/)
})

test('whom a rebalance waits for is told with what to do', () => {
  const awaited = [{ ...memberNamed('order-1'), lastHeardAt: now - 12_000, disconnectedAt: null, until: now + 33_000 }]
  assert.match(
    tell(waitOf({ awaited, awaitedCount: 1 })),
    /^For 13 s it waits for 1 member to join again: order-1 .*last heard of 12 s ago, until \d\d:\d\d:\d\dZ\. What to do:/,
  )
})

test('who has no connection any more is told: in a rebalance, and where none has begun', () => {
  const lost = {
    ...memberNamed('order-1'),
    lastHeardAt: now - 13_000,
    disconnectedAt: now - 12_000,
    until: now + 33_000,
  }
  const wait = waitOf({ awaited: [lost], awaitedCount: 1 })
  assert.match(tell(wait), /order-1 .*last heard of 13 s ago, its connection ended 12 s ago, until /)
  assert.match(
    tell({ ...wait, phase: 'session' }),
    /^1 member has no connection any more and did not leave: order-1 .*, its connection ended 12 s ago, until .*Nobody reads their partitions/,
  )
  assert.deepEqual(tellWait(waitOf({ phase: 'session' }), now), [])
})

test('a note is of the state that the group is in', () => {
  const [join, session] = [waitOf({}), waitOf({ phase: 'session' })]
  assert.deepEqual(
    [waitIn('Stable', join), waitIn('Stable', session), waitIn('PreparingRebalance', join), waitIn('Empty', session)],
    [null, session, join, null],
  )
})

test('a note of a while ago is over', () => {
  assert.equal(freshWait(waitOf({ at: now - 16_000 }), now), null)
  assert.equal(freshWait(null, now), null)
})
