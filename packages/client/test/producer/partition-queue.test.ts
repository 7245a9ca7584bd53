import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PartitionQueue, type ProducerIdentity } from '../../src/producer/partition-queue.js'
import { ProducerBatch } from '../../src/producer/producer-batch.js'

const identity = { producerId: 7, epoch: 0 }

function batchOf(count: number): ProducerBatch {
  const batch = new ProducerBatch('t', 0, 0, 1024)
  for (let index = 0; index < count; index++) batch.append({ value: `v${index}`, timestamp: 1 })
  return batch
}

/** Makes the partition know the producer, by a batch that uses up no sequences. */
function identify(queue: PartitionQueue, producer: ProducerIdentity): void {
  queue.identify(producer)
  queue.ready.unshift(batchOf(0))
  queue.acknowledged(queue.take(0, 1)!)
}

/** A queue whose producer is known, with batches of two records each, ready to be sent. */
function queueWith(batches: number): { queue: PartitionQueue; batches: ProducerBatch[] } {
  const queue = new PartitionQueue('t', 0)
  identify(queue, identity)
  const all = Array.from({ length: batches }, () => batchOf(2))
  queue.ready.push(...all)
  return { queue, batches: all }
}

function takeAll(queue: PartitionQueue): ProducerBatch[] {
  const taken: ProducerBatch[] = []
  for (let batch = queue.take(0, 1); batch; batch = queue.take(0, 1)) taken.push(batch)
  return taken
}

const stamps = (batches: readonly ProducerBatch[]) => batches.map(({ stamp }) => [stamp?.epoch, stamp?.baseSequence])

test('batches are numbered by their records when they are first sent', () => {
  const { queue } = queueWith(3)
  assert.deepEqual(stamps(takeAll(queue)), [
    [0, 0],
    [0, 2],
    [0, 4],
  ])
})

test('nothing follows the first batch of a producer before it is acknowledged', () => {
  const queue = new PartitionQueue('t', 0)
  queue.identify(identity)
  queue.ready.push(batchOf(1), batchOf(1), batchOf(1))
  const first = queue.take(0, 1)!
  assert.equal(queue.take(0, 1), null)
  queue.acknowledged(first)
  assert.equal(takeAll(queue).length, 2)
})

test('while a batch waits to be sent again nothing overtakes it, and all keep their numbers', () => {
  const { queue, batches } = queueWith(4)
  const [first, second, third] = [queue.take(0, 1)!, queue.take(0, 1)!, queue.take(0, 1)!]
  queue.again(first, true)
  assert.equal(queue.take(0, 1), null)
  queue.again(third, true)
  queue.again(second, true)
  for (const expected of [first, second, third]) {
    assert.equal(queue.take(0, 1), expected)
    if (expected !== third) assert.equal(queue.take(0, 1), null)
    queue.acknowledged(expected)
  }
  assert.equal(queue.take(0, 1), batches[3])
  assert.deepEqual(stamps(batches), [
    [0, 0],
    [0, 2],
    [0, 4],
    [0, 6],
  ])
})

test('when the leader has moved, batches in flight come back before others leave', () => {
  const { queue, batches } = queueWith(2)
  const first = queue.take(0, 1)!
  assert.equal(queue.take(0, 2), null)
  queue.again(first, true)
  assert.equal(queue.take(0, 2), first)
  assert.equal(queue.take(0, 2), batches[1])
})

test('a refused sequence behind a missing batch is sent again as it is', () => {
  const { queue } = queueWith(2)
  const [first, second] = [queue.take(0, 1)!, queue.take(0, 1)!]
  queue.again(first, true)
  assert.equal(queue.outOfSequence(second), true)
  assert.equal(queue.take(0, 1), first)
  queue.acknowledged(first)
  assert.equal(queue.take(0, 1), second)
  assert.deepEqual(stamps([first, second]), [
    [0, 0],
    [0, 2],
  ])
})

test('a refused sequence of the first batch outstanding starts over with the next epoch', () => {
  const { queue } = queueWith(4)
  queue.acknowledged(queue.take(0, 1)!)
  const [second, third] = [queue.take(0, 1)!, queue.take(0, 1)!]
  assert.equal(queue.outOfSequence(second), true)
  assert.equal(queue.take(0, 1), null)
  assert.equal(queue.outOfSequence(third), true)
  const again = takeAll(queue)
  assert.deepEqual(again.slice(0, 2), [second, third])
  assert.deepEqual(stamps(again), [
    [1, 0],
    [1, 2],
    [1, 4],
  ])
})

test('a batch that may have been written fails when its sequence is refused, and what follows starts over', () => {
  const { queue } = queueWith(2)
  const first = queue.take(0, 1)!
  queue.again(first, true)
  assert.equal(queue.take(0, 1), first)
  assert.equal(queue.outOfSequence(first), false)
  queue.dropped(first)
  assert.deepEqual(stamps(takeAll(queue)), [[1, 0]])
})

test('the numbers of a refused batch are used again when nothing follows it', () => {
  const { queue } = queueWith(2)
  const first = queue.take(0, 1)!
  queue.dropped(first)
  assert.deepEqual(stamps(takeAll(queue)), [[0, 0]])
})

test('batches behind a refused one get new numbers in the next epoch', () => {
  const { queue } = queueWith(3)
  const [first, second] = [queue.take(0, 1)!, queue.take(0, 1)!]
  queue.dropped(first)
  assert.equal(queue.outOfSequence(second), true)
  const again = takeAll(queue)
  assert.equal(again[0], second)
  assert.deepEqual(stamps(again), [
    [1, 0],
    [1, 2],
  ])
})

test('an expired batch leaves no gap when a later one is acknowledged after all', () => {
  const { queue } = queueWith(3)
  const [first, second] = [queue.take(0, 1)!, queue.take(0, 1)!]
  queue.again(first, true)
  queue.dropped(first)
  queue.acknowledged(second)
  assert.deepEqual(stamps(takeAll(queue)), [[0, 4]])
})

test('an expired batch that nothing confirms starts the next epoch', () => {
  const { queue } = queueWith(2)
  const first = queue.take(0, 1)!
  queue.again(first, true)
  queue.dropped(first)
  assert.deepEqual(stamps(takeAll(queue)), [[1, 0]])
})

test('the parts of a batch that was too large go before what follows it', () => {
  const { queue } = queueWith(3)
  const [first, second] = [queue.take(0, 1)!, queue.take(0, 1)!]
  const parts = first.split()
  queue.replaced(first, parts)
  assert.equal(queue.outOfSequence(second), true)
  const again = takeAll(queue)
  assert.deepEqual(again.slice(0, 3), [...parts, second])
  assert.deepEqual(stamps(again), [
    [1, 0],
    [1, 1],
    [1, 2],
    [1, 4],
  ])
})

test('sequences go on with 0 behind the last of 31 bits', () => {
  const { queue } = queueWith(2)
  const first = queue.take(0, 1)!
  first.stamp = { ...identity, baseSequence: 0x7ffffffe }
  queue.acknowledged(first)
  const wrapping = new PartitionQueue('t', 0)
  identify(wrapping, identity)
  for (let sent = 0; sent < 4; sent++) {
    const huge = batchOf(1)
    Object.defineProperty(huge, 'count', { value: 0x30000000 })
    wrapping.ready.push(huge)
  }
  const sequences = takeAll(wrapping).map(({ stamp }) => stamp!.baseSequence)
  assert.deepEqual(sequences, [0, 0x30000000, 0x60000000, 0x10000000])
})

test('when the epochs of a producer id are used up a new id is asked for', () => {
  const queue = new PartitionQueue('t', 0)
  identify(queue, { producerId: 7, epoch: 32766 })
  queue.ready.push(batchOf(1), batchOf(1))
  const first = queue.take(0, 1)!
  queue.outOfSequence(first)
  assert.equal(queue.take(0, 1), null)
  assert.equal(queue.needsIdentity, true)
  assert.equal(queue.exhaustedProducerId, 7)
  identify(queue, { producerId: 8, epoch: 0 })
  assert.deepEqual(
    takeAll(queue).map(({ stamp }) => stamp),
    [
      { producerId: 8, epoch: 0, baseSequence: 0 },
      { producerId: 8, epoch: 0, baseSequence: 1 },
    ],
  )
})

test('without an identity batches are not numbered, and keep their order under retry', () => {
  const queue = new PartitionQueue('t', 0)
  queue.ready.push(batchOf(1), batchOf(1))
  const first = queue.take(0, 1)!
  queue.again(first, true)
  assert.equal(queue.take(0, 1), first)
  assert.equal(first.stamp, null)
})
