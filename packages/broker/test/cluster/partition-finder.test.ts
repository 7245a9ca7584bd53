import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import type { Cluster } from '../../src/cluster/cluster.js'
import { PartitionFinder } from '../../src/cluster/partition-finder.js'
import { Transitions } from '../../src/cluster/transitions.js'
import type { Logs } from '../../src/log/logs.js'
import type { PartitionLog } from '../../src/log/partition-log.js'
import { TestClock } from '../coordinator/test-clock.js'
import { imageOf } from './image-fixture.js'

const here = 1
const none = new Transitions(new TestClock())
const log = { topic: 't' } as PartitionLog

/** Knows a topic `t` of two partitions, led by `leader`; broker 1 has the log of the first one. */
function finder(leader: number | null, { isServing = true, transitions = none } = {}): PartitionFinder {
  const partition = { partId: 0, leader, epoch: 5 }
  const image = imageOf({ topics: [{ name: 't', id: 'id', partitions: [partition, partition] }] })
  const cluster = { image, brokerId: here, isServing } as unknown as Cluster
  const logOf = (_: string, at: number) => (at === 0 ? log : undefined)
  return new PartitionFinder(cluster, { get: logOf, view: logOf } as Logs, transitions)
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
  assert.equal(finder(here).view('t', 0), log)
})

test('a broker that may have been replaced answers nothing from its logs', () => {
  const lost = finder(here, { isServing: false })
  assert.deepEqual([lost.log('t', 0), lost.view('t', 0)], [undefined, undefined])
})

test('a request waits for the partitions that are opened or handed over here, and for no others', async () => {
  const transitions = new Transitions(new TestClock())
  const partitions = finder(here, { transitions })
  const asked = (...indexes: number[]) => partitions.allComing(() => [['t', indexes]])
  assert.equal(asked(0, 1), undefined)
  const opened = transitions.begin('t', [1], 'coming')
  const handedOver = transitions.begin('t', [0], 'leaving')
  assert.deepEqual([partitions.log('t', 0), partitions.view('t', 0)], [undefined, undefined])
  assert.equal(partitions.coming('t', 2), undefined)
  assert.equal(
    partitions.allComing(() => [['s', [0, 1]]]),
    undefined,
  )
  const waiting = asked(0, 1)
  opened()
  handedOver()
  await waiting
  assert.equal(partitions.log('t', 0), log)
})

test('a partition that is being opened and has its log already is not waited for', () => {
  const transitions = new Transitions(new TestClock())
  transitions.begin('t', [0], 'coming')
  assert.equal(finder(here, { transitions }).coming('t', 0), undefined)
})
