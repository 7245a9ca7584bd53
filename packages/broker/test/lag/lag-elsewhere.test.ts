import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CommittedOffset, Group } from '@rivven/groups'
import { ZERO_UUID } from '@rivven/protocol'
import type { Catalog } from '../../src/catalog/catalog.js'
import type { EndOffsets, PartitionsOfTopics } from '../../src/cluster/peers/end-offsets.js'
import { learnEnds } from '../../src/lag/committed-elsewhere.js'
import { type LagSources, standingsOf } from '../../src/lag/standings.js'
import { TestClock } from '../coordinator/test-clock.js'

/** A group that has committed 5 in partitions 0, 1 and 2 of `orders`, and of a topic that is gone. */
const offsets = new Map([0, 1, 2].map((partition) => [partition, { offset: 5, topicId: ZERO_UUID } as CommittedOffset]))
const group = {
  offsets: {
    committed: new Map([
      ['orders', offsets],
      ['gone', offsets],
    ]),
  },
} as unknown as Group

/** Partition 0 is led here and ends at 9; of the others only 1 is known, which ends at 7. */
function sources(asked: PartitionsOfTopics[] = []) {
  const log = { logStartOffset: 2, highWatermark: 9 }
  return {
    catalog: { topic: (name: string) => (name === 'orders' ? { id: 'id' } : undefined) } as unknown as Catalog,
    logs: {
      view: (_: string, partition: number) => (partition === 0 ? log : undefined),
      has: (_: string, partition: number) => partition === 0,
    } as unknown as LagSources['logs'],
    endOffsets: {
      of: (_: string, partition: number) => (partition === 1 ? 7 : undefined),
      refresh: async (wanted: () => Promise<PartitionsOfTopics>) => void asked.push(await wanted()),
    } as unknown as EndOffsets,
    coordinator: { groups: () => [group] },
    runtime: { clock: new TestClock() },
  }
}

test('a group lags in partitions that others lead, too, as far as these say where they end', () => {
  const lags = Array.from(standingsOf(group, sources()), ({ partition, lag, logStartOffset }) => [
    partition,
    lag,
    logStartOffset,
  ])
  assert.deepEqual(lags, [
    [0, 4, 2],
    [1, 2, null],
  ])
})

test('others are asked for the ends of what they lead and groups have committed in, of topics that there are', async () => {
  const asked: PartitionsOfTopics[] = []
  await learnEnds(sources(asked) as unknown as Parameters<typeof learnEnds>[0])
  assert.deepEqual(asked, [new Map([['orders', new Set([1, 2])]])])
})
