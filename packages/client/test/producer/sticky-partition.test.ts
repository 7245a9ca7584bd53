import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '@rivven/fakes'
import { StickyPartition } from '../../src/producer/sticky-partition.js'

test('a partition is kept until a batch has gone to it', () => {
  const sticky = new StickyPartition(new SeededRandom(1), 1000)
  assert.equal(sticky.partition, -1)
  const chosen = sticky.choose([
    { partition: 0, waiting: 0 },
    { partition: 1, waiting: 0 },
  ])
  sticky.wrote(999)
  assert.equal(sticky.partition, chosen)
  sticky.wrote(1)
  assert.equal(sticky.partition, -1)
})

test('partitions with short queues are chosen more often', () => {
  const sticky = new StickyPartition(new SeededRandom(5), 1)
  const loads = [
    { partition: 0, waiting: 9 },
    { partition: 1, waiting: 0 },
    { partition: 2, waiting: 4 },
  ]
  const chosen = [0, 0, 0]
  for (let drawn = 0; drawn < 17_000; drawn++) chosen[sticky.choose(loads)]!++
  for (const [partition, weight] of [1, 10, 6].entries()) {
    assert.ok(Math.abs(chosen[partition]! - weight * 1000) < 300, `${chosen}`)
  }
})
