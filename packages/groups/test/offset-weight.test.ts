import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ZERO_UUID } from '@rivven/protocol'
import type { GroupEvent } from '../src/events.js'
import { createShard } from '../src/index.js'
import { weightOf } from '../src/offsets/group-offsets.js'
import { replay } from '../src/replay.js'

const seed = Number(process.env.SEED ?? 4711)

/** Random numbers that can be played again. */
function randomNumbers(first: number): (below: number) => number {
  let state = first
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * below)
  }
}

test('the weight of the offsets of a shard is that of what its groups hold, whatever has happened to them', () => {
  const below = randomNumbers(seed)
  const shard = createShard({ newId: () => 'id' })
  for (let step = 0; step < 3_000; step++) replay(shard, randomEvent(below))
  let weight = 0
  for (const { offsets } of shard.groups.values()) {
    for (const partitions of offsets.committed.values())
      for (const offset of partitions.values()) weight += weightOf(offset)
    for (const held of offsets.pending.values())
      for (const partitions of held.values()) for (const { offset } of partitions.values()) weight += weightOf(offset)
  }
  assert.ok(weight > 0)
  assert.equal(shard.offsetWeight, weight, `SEED=${seed}`)
})

function randomEvent(below: (most: number) => number): GroupEvent {
  const place = { groupId: `g${below(3)}`, topic: `t${below(3)}`, partition: below(4) }
  const producer = { producerId: below(3), producerEpoch: 0 }
  const times = { leaderEpoch: -1, commitTimestamp: 0, expireTimestamp: -1, topicId: ZERO_UUID }
  const offset = { offset: below(100), metadata: 'x'.repeat(below(3) * 128), ...times }
  switch (below(7)) {
    case 0:
    case 1:
      return { kind: 'OffsetCommitted', ...place, offset }
    case 2:
    case 3:
      return { kind: 'OffsetPending', ...place, offset, producer }
    case 4:
      return { kind: 'OffsetDeleted', ...place }
    case 5:
      return { kind: 'GroupDeleted', groupId: place.groupId }
    default:
      return {
        kind: 'TransactionEnded',
        producer,
        committed: below(2) === 0,
        coordinatorEpoch: 0,
        transactionVersion: 0,
      }
  }
}
