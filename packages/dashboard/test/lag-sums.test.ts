import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withSample } from '../src/pages/group/lag/lag-samples.js'
import { lagSums } from '../src/pages/group/lag/lag-sums.js'

type Row = Parameters<typeof lagSums>[0][number]

const row = (topic: string, partition: number, lag: number | null, owner: string | null, lagSeconds: number | null) =>
  ({ topic, partition, lag, owner, lagSeconds, producedPerSecond: 2, consumedPerSecond: null }) as Row

const rows = [
  row('a', 0, 10, 'x', 1),
  row('a', 1, 30, 'y', 5),
  row('b', 0, -4, 'x', null),
  row('b', 1, null, null, null),
]

test('lag is added up by what one asks for, the largest first', () => {
  const told = (by: 'partition' | 'member' | 'topic') =>
    lagSums(rows, by).map(({ name, partitions, lag, lagSeconds, share }) => [name, partitions, lag, lagSeconds, share])
  assert.deepEqual(told('topic'), [
    ['a', 2, 40, 5, 1],
    ['b', 2, 0, null, 0],
  ])
  assert.deepEqual(told('member'), [
    ['y', 1, 30, 5, 0.75],
    ['x', 2, 10, 1, 0.25],
    [null, 1, 0, null, 0],
  ])
  assert.deepEqual(told('partition')[0], ['a/1', 1, 30, 5, 0.75])
  assert.deepEqual(lagSums([], 'topic'), [])
})

test('samples are kept for an hour', () => {
  let samples = withSample([], rows, 0)
  assert.deepEqual(samples, [{ at: 0, lag: 40, seconds: 5, produced: 8, consumed: 0 }])
  for (let at = 1; at < 2000; at += 1) samples = withSample(samples, [], at)
  assert.equal(samples.length, 1800)
  assert.deepEqual(samples.at(-1), { at: 1999, lag: 0, seconds: null, produced: 0, consumed: 0 })
})
