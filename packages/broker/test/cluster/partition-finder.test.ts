import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import type { Cluster, PartitionLeader } from '../../src/cluster/cluster.js'
import { PartitionFinder } from '../../src/cluster/partition-finder.js'
import type { Logs } from '../../src/log/logs.js'

const here = 1

/** Knows a topic `t` of two partitions, led by `leader`, and whose logs this broker does not have. */
function finder(leader: PartitionLeader | undefined): PartitionFinder {
  const catalog = { topic: (name: string) => (name === 't' ? { partitionCount: 2 } : undefined) }
  const cluster = { catalog, brokerId: here, leaderOf: () => leader } as unknown as Cluster
  return new PartitionFinder(cluster, { get: () => undefined } as unknown as Logs)
}

test('what the catalog does not know is no partition', () => {
  for (const [topic, partition] of [
    ['s', 0],
    ['t', 2],
    ['t', -1],
  ] as const) {
    const { errorCode, leader } = finder({ brokerId: here, epoch: 3 }).absence(topic, partition)
    assert.deepEqual([errorCode, leader], [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, undefined])
  }
})

test('of a partition that is led elsewhere the leader is told; one that is led here, or by nobody, names none', () => {
  const elsewhere = { brokerId: 2, epoch: 5 }
  for (const [leader, told] of [
    [elsewhere, elsewhere],
    [{ brokerId: here, epoch: 3 }, undefined],
    [undefined, undefined],
  ] as const) {
    const absence = finder(leader).absence('t', 1)
    assert.deepEqual(absence, { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, leader: told })
  }
})
