import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import type { Cluster } from '../../src/cluster/cluster.js'
import { PartitionFinder } from '../../src/cluster/partition-finder.js'
import type { Logs } from '../../src/log/logs.js'
import type { PartitionLog } from '../../src/log/partition-log.js'
import { imageOf } from './image-fixture.js'

const here = 1
const log = { topic: 't' } as PartitionLog

/** Knows a topic `t` of two partitions, led by `leader`; broker 1 has the log of the first one. */
function finder(leader: number | null, { isServing = true } = {}): PartitionFinder {
  const partition = { partId: 0, leader, epoch: 5 }
  const image = imageOf({ topics: [{ name: 't', id: 'id', partitions: [partition, partition] }] })
  const cluster = { image, brokerId: here, isServing } as unknown as Cluster
  return new PartitionFinder(cluster, { get: (_, at) => (at === 0 ? log : undefined) } as Logs)
}

test('what the image does not know is no partition', () => {
  for (const [topic, partition] of [
    ['s', 0],
    ['t', 2],
    ['t', -1],
  ] as const) {
    assert.equal(finder(here).faultOf(topic, partition), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  }
})

test('a partition without a log here is led elsewhere, or by nobody, or not yet opened: there are better ones to ask', () => {
  for (const leader of [2, null, here]) {
    assert.equal(finder(leader).log('t', 1), undefined)
    assert.equal(finder(leader).faultOf('t', 1), ErrorCode.NOT_LEADER_OR_FOLLOWER)
  }
  assert.equal(finder(here).log('t', 0), log)
})

test('a broker that may have been replaced answers nothing from its logs', () => {
  assert.equal(finder(here, { isServing: false }).log('t', 0), undefined)
})
