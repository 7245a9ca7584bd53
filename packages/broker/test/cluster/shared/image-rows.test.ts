import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyImage, leaderOf } from '../../../src/cluster/image.js'
import { imageOf } from '../../../src/cluster/shared/image/image-of-rows.js'
import { ImageRows } from '../../../src/cluster/shared/image/image-rows.js'
import type { BrokerRow, PartitionRow, TopicRow } from '../../../src/database/metadata.js'

const broker = (changed: number, more: Partial<BrokerRow> = {}): BrokerRow => ({
  brokerId: 1,
  incarnation: 1,
  addresses: new Map(),
  rack: null,
  software: '1',
  isDraining: false,
  isGone: false,
  changed,
  ...more,
})
const topic = (changed: number, more: Partial<TopicRow> = {}): TopicRow => ({
  topicId: 'id',
  name: 'orders',
  configs: new Map(),
  replicationFactor: 1,
  keep: '10d',
  partitionCount: 1,
  isDeleted: false,
  changed,
  ...more,
})
const partition = (changed: number, epoch: number, more: Partial<PartitionRow> = {}): PartitionRow => {
  return { partId: 5, topicId: 'id', index: 0, leader: 1, incarnation: 1, epoch, changed, ...more }
}

test('answers may come in any order: a row is only replaced by a later one', () => {
  const rows = new ImageRows()
  rows.merge({ topics: [topic(1)], partitions: [partition(3, 2)], brokers: [broker(3, { isDraining: true })] })
  const { topics, brokers } = rows.merge({ partitions: [partition(1, 0)], brokers: [broker(2)] })
  assert.deepEqual([topics.size, brokers], [0, false])
  assert.equal(rows.partitionsOf('id')[0]?.epoch, 2)
  assert.equal(rows.brokers.get(1)?.isDraining, true)
})

test('what is gone does not come back with an answer that was long under way', () => {
  const rows = new ImageRows()
  rows.merge({ topics: [topic(2, { isDeleted: true })], brokers: [broker(5, { isGone: true })] })
  rows.merge({ topics: [topic(1)], partitions: [partition(1, 0)], brokers: [broker(4)] })
  assert.equal(rows.topics.size, 0)
  assert.deepEqual(rows.partitionsOf('id'), [])
  assert.equal(rows.brokers.size, 0)
  rows.merge({ brokers: [broker(6, { incarnation: 2 })] })
  assert.equal(rows.brokers.get(1)?.incarnation, 2)
})

test('an image has what stayed the same from the one before', () => {
  const rows = new ImageRows()
  const other = topic(1, { topicId: 'other', name: 'other' })
  const changed = rows.merge({
    brokers: [broker(1)],
    topics: [topic(1), other],
    partitions: [partition(1, 0), partition(1, 0, { partId: 6, topicId: 'other' })],
  })
  const first = imageOf(rows, changed, emptyImage, 1)
  const second = imageOf(rows, rows.merge({ partitions: [partition(2, 1)] }), first, 2)
  assert.equal(second.brokers, first.brokers)
  assert.equal(second.topics.get('other'), first.topics.get('other'))
  assert.equal(leaderOf(second, 'orders', 0)?.epoch, 1)
  assert.equal(leaderOf(first, 'orders', 0)?.epoch, 0)
  const third = imageOf(rows, rows.merge({ brokers: [broker(3, { isDraining: true })] }), second, 3)
  assert.equal(third.topics, second.topics)
})

test('a leader that a later life of its broker has replaced leads nothing, from when that is known', () => {
  const rows = new ImageRows()
  const rowsOf = { topics: [topic(1)], partitions: [partition(1, 0)], brokers: [broker(1)] }
  const first = imageOf(rows, rows.merge(rowsOf), emptyImage, 1)
  assert.equal(leaderOf(first, 'orders', 0)?.leader, 1)
  const second = imageOf(rows, rows.merge({ brokers: [broker(2, { incarnation: 2 })] }), first, 2)
  assert.equal(leaderOf(second, 'orders', 0)?.leader, null)
})

test('a topic that was deleted and made again is another one', () => {
  const rows = new ImageRows()
  const first = imageOf(rows, rows.merge({ topics: [topic(1)], partitions: [partition(1, 0)] }), emptyImage, 1)
  const again = topic(3, { topicId: 'new' })
  const born = partition(3, 0, { partId: 9, topicId: 'new' })
  const changed = rows.merge({ topics: [topic(2, { isDeleted: true }), again], partitions: [born] })
  const second = imageOf(rows, changed, first, 3)
  assert.equal(second.topics.get('orders')?.id, 'new')
  assert.equal(leaderOf(second, 'orders', 0)?.partId, 9)
})
