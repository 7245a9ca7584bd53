import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupWait } from '@rivven/client'
import { freshWait, tellWait } from '../../src/explain/waits.js'
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
  const awaited = [{ ...memberNamed('order-1'), lastHeardAt: now - 12_000, until: now + 33_000 }]
  assert.match(
    tell(waitOf({ awaited, awaitedCount: 1 })),
    /^For 13 s it waits for 1 member to join again: order-1 .*last heard of 12 s ago, until \d\d:\d\d:\d\dZ\. What to do:/,
  )
})

test('a note of a while ago is over', () => {
  assert.equal(freshWait(waitOf({ at: now - 16_000 }), now), null)
  assert.equal(freshWait(null, now), null)
})
