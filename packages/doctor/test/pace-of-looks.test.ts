import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartitionFact } from '../src/facts/any-broker-facts.js'
import { isUnchanged, type Look, paceOf } from '../src/facts/pace-of-looks.js'
import { group, member, partition, waiting } from './facts.js'

const two = group([member('m-0', 'orders:0'), member('m-1', 'orders:1')])
const look = (at: number, partitions: readonly PartitionFact[], of = two): Look => ({ at, group: of, partitions })

/** One partition, looked at twice, ten seconds apart. */
function paceBetween(first: PartitionFact, second: PartitionFact, of = two) {
  return paceOf(look(0, [first], of), look(10_000, [second], of))[0]!
}

test('rates are what happened between two looks', () => {
  const first = partition(0, { currentOffset: 100, logStartOffset: 0, logEndOffset: 200 })
  const second = partition(0, { currentOffset: 150, logStartOffset: 20, logEndOffset: 300 })
  const { consumedPerSecond, producedPerSecond, removedPerSecond } = paceBetween(first, second)
  assert.deepEqual([consumedPerSecond, producedPerSecond, removedPerSecond], [5, 10, 2])
})

test('how a group does, as far as two looks can tell', () => {
  const none = group([])
  const moved = { currentOffset: 1_010 }
  const table = [
    ['OK', partition(0), partition(0)],
    ['OK', waiting(0, 50, 121), waiting(0, 40, 121, moved)],
    ['OK', waiting(0, 50, 30), waiting(0, 60, 30, moved)],
    ['WARN', waiting(0, 50, 31), waiting(0, 50, 31, moved)],
    ['WARN', waiting(0, 50, 100), waiting(0, 60, 110)],
    ['STALL', waiting(0, 50, 111), waiting(0, 60, 121)],
    ['STOP', waiting(0, 50, 111), waiting(0, 60, 121, { owner: null })],
    ['REWIND', partition(0), waiting(0, 1, 1, { currentOffset: 999 })],
    [null, partition(0, { currentOffset: null }), partition(0)],
  ] as const
  for (const [status, first, second] of table)
    assert.equal(paceBetween(first, second).status, status, JSON.stringify(second))
  assert.equal(paceBetween(waiting(0, 50, 111), waiting(0, 60, 121), none).status, 'STOP')
})

test('a partition that the first look has not seen has no pace', () => {
  assert.deepEqual(paceOf(look(0, []), look(10_000, [partition(0)])), [])
})

test('a group is unchanged while it has its state and, when stable, its assignment', () => {
  const rebalancing = group(two.members, { state: 'PreparingRebalance' })
  const others = group([member('m-0', 'orders:0,1')])
  const reordered = group([...two.members].reverse())
  const unchanged = (one: typeof two, other: typeof two) => isUnchanged(look(0, [], one), look(1, [], other))
  assert.deepEqual(
    [
      unchanged(two, reordered),
      unchanged(two, others),
      unchanged(two, rebalancing),
      unchanged(rebalancing, rebalancing),
    ],
    [true, false, false, true],
  )
})
