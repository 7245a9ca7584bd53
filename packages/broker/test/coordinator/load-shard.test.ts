import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CommittedOffset, defaultGroupConfig, encodeEvent, fetchOffsets, type GroupShard } from '@rivven/groups'
import { buildBatch, buildControlBatch, ZERO_UUID } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import { GroupRules } from '../../src/coordinator/groups/group-rules.js'
import { loadShard } from '../../src/coordinator/shards/load-shard.js'
import { silentLog } from '../../src/log-output.js'
import { BusyClock } from '../busy-clock.js'
import { HeldLog } from './held-log.js'

const timestamp = 1_700_000_000_000

function committed(groupId: string, partition: number, offset: number) {
  const value: CommittedOffset = {
    ...{ offset, leaderEpoch: -1, metadata: '', topicId: ZERO_UUID },
    ...{ commitTimestamp: timestamp, expireTimestamp: -1 },
  }
  return { ...encodeEvent({ kind: 'OffsetCommitted', groupId, topic: 't', partition, offset: value }), timestamp }
}

async function loadedFrom(log: HeldLog, { endOffset = log.logEndOffset } = {}) {
  const runtime = { random: { uuid: () => 'id' } } as unknown as Runtime
  const rules = new GroupRules({ runtime, config: defaultGroupConfig, logger: silentLog() })
  const shard = rules.create()
  const skipped: number[] = []
  const clock = new BusyClock()
  await loadShard(rules, shard, log, { endOffset, clock, skipped: (offset) => skipped.push(offset) })
  return { shard, skipped, turns: clock.turns }
}

function offsetsIn(shard: GroupShard, groupId: string): [number, number][] {
  const { topics } = fetchOffsets(shard, { groupId, topics: null }, false)
  return topics.flatMap(({ partitions }) => partitions.map((found) => [found.partitionIndex, found.committedOffset]))
}

test('the last record of a partition counts, wherever it is', async () => {
  const log = new HeldLog()
  await log.append(buildBatch({ records: [committed('g', 0, 1), committed('g', 1, 1)] }))
  await log.append(buildBatch({ records: [committed('g', 0, 2)], codec: 'gzip' }))
  await log.append(buildBatch({ records: [committed('g', 0, 3), { ...committed('g', 1, 0), value: null }] }))
  const { shard, skipped } = await loadedFrom(log)
  assert.deepEqual(offsetsIn(shard, 'g'), [[0, 3]])
  assert.deepEqual(skipped, [])
})

test('offsets of a transaction count from its end on, those of an aborted or open one do not', async () => {
  const log = new HeldLog()
  const transactional = (producerId: number, partition: number, offset: number) =>
    log.append(
      buildBatch({
        records: [committed('g', partition, offset)],
        ...{ producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true },
      }),
    )
  const end = (producerId: number, type: 'COMMIT' | 'ABORT') =>
    log.append(buildControlBatch({ type, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp }))
  await log.append(buildBatch({ records: [committed('g', 0, 1), committed('g', 1, 1)] }))
  await transactional(7, 0, 70)
  await transactional(8, 1, 80)
  await transactional(9, 2, 90)
  assert.deepEqual(offsetsIn((await loadedFrom(log)).shard, 'g'), [
    [0, 1],
    [1, 1],
  ])
  await end(8, 'ABORT')
  await end(7, 'COMMIT')
  await transactional(8, 3, 81)
  await end(8, 'COMMIT')
  assert.deepEqual(offsetsIn((await loadedFrom(log)).shard, 'g'), [
    [0, 70],
    [1, 1],
    [3, 81],
  ])
})

test('records of other kinds and those that cannot be read are passed over; the rest counts', async () => {
  const log = new HeldLog()
  const unknown = { key: Buffer.from([0, 3, 0, 1, 0x67]), value: Buffer.from([0, 0]), timestamp }
  const cut = { ...committed('g', 1, 5), value: Buffer.from([0, 3, 0]) }
  await log.append(buildBatch({ records: [unknown, { key: null, value: Buffer.from('x'), timestamp }, cut] }))
  await log.append(buildBatch({ records: [committed('g', 0, 1)] }))
  const broken = buildBatch({ records: [committed('g', 2, 1)] })
  broken.fill(0xff, 62)
  await log.append(broken)
  await log.append(buildBatch({ records: [committed('g', 3, 1)] }))
  const { shard, skipped } = await loadedFrom(log)
  assert.deepEqual(offsetsIn(shard, 'g'), [
    [0, 1],
    [3, 1],
  ])
  assert.deepEqual(skipped, [2, 4])
})

test('what compaction has left is read over its gaps', async () => {
  const log = new HeldLog()
  await log.append(buildBatch({ records: [committed('g', 0, 1)], lastOffsetDelta: 99 }))
  await log.append(buildBatch({ records: [{ ...committed('g', 1, 1), offsetDelta: 5 }], lastOffsetDelta: 10 }))
  const { shard } = await loadedFrom(log)
  assert.deepEqual(offsetsIn(shard, 'g'), [
    [0, 1],
    [1, 1],
  ])
})

test('nothing at or behind the given end is read', async () => {
  const log = new HeldLog()
  await log.append(buildBatch({ records: [committed('g', 0, 1)] }))
  await log.append(buildBatch({ records: [committed('g', 0, 2)] }))
  assert.deepEqual(offsetsIn((await loadedFrom(log, { endOffset: 1 })).shard, 'g'), [[0, 1]])
})

test('100,000 records in 1,000 batches are loaded in stretches, with turns for others between', async () => {
  const log = new HeldLog()
  for (let batch = 0; batch < 1_000; batch++) {
    const records = Array.from({ length: 100 }, (_, index) => committed(`g${batch % 50}`, index, batch))
    await log.append(buildBatch({ records }))
  }
  const { shard, turns } = await loadedFrom(log)
  assert.equal(shard.groups.size, 50)
  assert.deepEqual(offsetsIn(shard, 'g49').at(-1), [99, 999])
  assert.ok(turns >= 100, `${turns} turns`)
})

test('no byte of a damaged batch is believed: it is told, and what it changed is as it was before', async () => {
  const size = buildBatch({ records: [committed('g', 0, 2)] }).length
  for (let byte = 21; byte < size; byte++) {
    const log = new HeldLog()
    await log.append(buildBatch({ records: [committed('g', 0, 1)] }))
    const damaged = buildBatch({ records: [committed('g', 0, 2)] })
    damaged[byte]! ^= 1
    await log.append(damaged)
    await log.append(buildBatch({ records: [committed('g', 1, 5)] }))
    const { shard, skipped } = await loadedFrom(log)
    assert.deepEqual(
      [offsetsIn(shard, 'g'), skipped],
      [
        [
          [0, 1],
          [1, 5],
        ],
        [1],
      ],
      `byte ${byte}`,
    )
  }
})
