import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime } from '@rivven/fakes'
import type { Cluster } from '../../src/net/cluster.js'
import { LeaderWait } from '../../src/producer/leader-wait.js'
import { PartitionQueue } from '../../src/producer/partition-queue.js'

test('a partition that rests already rests for the longer of both pauses, and is woken once', async () => {
  const runtime = fakeRuntime()
  const { clock } = runtime
  const woken: number[] = []
  const cluster = { runtime, onImage: () => () => undefined, leaderOf: () => 1 } as unknown as Cluster
  const leaders = new LeaderWait(cluster, () => void woken.push(clock.monotonic()))
  const queue = new PartitionQueue('t', 0)
  const before = clock.monotonic()
  leaders.rest(queue, 5)
  leaders.rest(queue, 20)
  leaders.rest(queue, 10)
  await clock.advance(19)
  assert.deepEqual([woken, queue.pausedUntil - before], [[], 20])
  await clock.advance(100)
  assert.deepEqual(
    woken.map((at) => at - before),
    [20],
  )
})
