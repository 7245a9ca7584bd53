import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changedTopics, emptyImage, leaderOf, type TopicImage } from '../../src/cluster/image.js'
import { imageOf } from './image-fixture.js'

const topic = (name: string, id: string, leader: number | null = 1): TopicImage => ({
  ...{ name, id },
  partitions: [{ partId: 3, leader, epoch: 2 }],
})

test('of a partition that there is the leader is known, or that it has none; of any other nothing', () => {
  const image = imageOf({ topics: [topic('led', 'a'), topic('left', 'b', null)] })
  assert.equal(leaderOf(image, 'led', 0)?.leader, 1)
  assert.equal(leaderOf(image, 'left', 0)?.leader, null)
  for (const index of [1, -1]) assert.equal(leaderOf(image, 'led', index), undefined)
  assert.equal(leaderOf(image, 'other', 0), undefined)
})

test('topics that are the same object did not change; gone, new and other ones did, and gone ones are told first', () => {
  const same = topic('same', 'a')
  const [moved, movedBefore] = [topic('moved', 'b', 2), topic('moved', 'b', 1)]
  const [again, againBefore] = [topic('again', 'd'), topic('again', 'c')]
  const [made, gone] = [topic('made', 'e'), topic('gone', 'f')]
  const before = imageOf({ topics: [same, movedBefore, againBefore, gone] })
  assert.deepEqual(changedTopics(imageOf({ topics: [same, moved, again, made] }, 2), before), [
    { name: 'gone', now: undefined, before: gone },
    { name: 'moved', now: moved, before: movedBefore },
    { name: 'again', now: again, before: againBefore },
    { name: 'made', now: made, before: undefined },
  ])
  assert.deepEqual(changedTopics(before, before), [])
  assert.equal(changedTopics(before, emptyImage).length, 4)
})
