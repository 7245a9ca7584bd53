import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoryRing } from '../../src/coordinator/timeline/story-ring.js'

const texts = (ring: StoryRing, groupId: string) => ring.of(groupId).map((story) => story.toString())

test('the newest stories of a group stay, in their order', () => {
  const ring = new StoryRing({ perGroup: 2, total: 100 })
  for (const story of ['1', '2', '3']) ring.add('g', Buffer.from(story))
  ring.add('__proto__', Buffer.from('p'))
  assert.deepEqual(texts(ring, 'g'), ['2', '3'])
  assert.deepEqual(texts(ring, '__proto__'), ['p'])
  assert.deepEqual([texts(ring, 'nobody'), ring.size], [[], 3])
})

test('the oldest stories of all groups make room for new ones', () => {
  const ring = new StoryRing({ perGroup: 3, total: 4 })
  for (const [groupId, story] of ['a1', 'b1', 'a2', 'a3', 'a4', 'b2', 'c1']) ring.add(groupId!, Buffer.from(story!))
  assert.deepEqual([texts(ring, 'a'), texts(ring, 'b'), texts(ring, 'c')], [['3', '4'], ['2'], ['1']])
  assert.equal(ring.size, 4)
})
