import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import type { Cluster } from '../../src/cluster/cluster.js'
import { PartitionFinder } from '../../src/cluster/partition-finder.js'
import type { Logs } from '../../src/log/logs.js'
import { imageOf } from './image-fixture.js'

const here = 1

/** Knows a topic `t` of two partitions, led by `leader`, and whose logs this broker does not have. */
function finder(leader: number | null): PartitionFinder {
  const partition = { partId: 0, leader, epoch: 5 }
  const image = imageOf({ topics: [{ name: 't', id: 'id', partitions: [partition, partition] }] })
  const cluster = { image, brokerId: here } as unknown as Cluster
  return new PartitionFinder(cluster, { get: () => undefined } as unknown as Logs)
}

test('what the catalog does not know is no partition', () => {
  for (const [topic, partition] of [
    ['s', 0],
    ['t', 2],
    ['t', -1],
  ] as const) {
    const { errorCode, leader } = finder(here).absence(topic, partition)
    assert.deepEqual([errorCode, leader], [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, undefined])
  }
})

test('of a partition that is led elsewhere the leader is told; one that is led here, or by nobody, names none', () => {
  for (const [leader, told] of [
    [2, { leaderId: 2, leaderEpoch: 5 }],
    [here, undefined],
    [null, undefined],
  ] as const) {
    const absence = finder(leader).absence('t', 1)
    assert.deepEqual(absence, { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, leader: told })
  }
})
