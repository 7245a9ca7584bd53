import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cluster } from '../../../src/cluster/cluster.js'
import { reachableBroker, reachableBrokers, servingLeader } from '../../../src/handlers/brokers/reachable-brokers.js'
import { imageOf, nodeOf } from '../../cluster/image-fixture.js'

const advertised = { host: 'localhost', port: 19092 }

/** Broker 2, asked over the listener PLAINTEXT, in a cluster of these. */
function asked(brokers: ReturnType<typeof nodeOf>[], changes: Partial<Cluster> = {}) {
  const cluster = { brokerId: 2, isServing: true, image: imageOf({ brokers }), ...changes } as Cluster
  return [{ cluster }, { advertised, listener: 'PLAINTEXT' }] as const
}

test('brokers are shown with the addresses of the listener that was asked, this one with the address that was used', () => {
  const question = asked([nodeOf(1, { rack: 'a' }), nodeOf(2, { rack: 'b' })])
  assert.deepEqual(reachableBrokers(...question), [
    { id: 1, host: 'broker-1', port: 9092, rack: 'a' },
    { id: 2, ...advertised, rack: 'b' },
  ])
  assert.deepEqual(reachableBroker(1, ...question), { id: 1, host: 'broker-1', port: 9092, rack: 'a' })
  assert.deepEqual(reachableBroker(2, ...question), { id: 2, ...advertised, rack: 'b' })
})

test('a broker without that listener is not shown, nor is one that is gone', () => {
  const question = asked([nodeOf(1, { addresses: new Map([['SSL', advertised]]) }), nodeOf(2)])
  assert.deepEqual(
    reachableBrokers(...question).map(({ id }) => id),
    [2],
  )
  for (const id of [1, 3]) assert.equal(reachableBroker(id, ...question), undefined)
})

test('this broker is shown also while the others do not know it', () => {
  assert.deepEqual(
    reachableBrokers(...asked([nodeOf(3)])).map(({ id }) => id),
    [2, 3],
  )
})

test('a broker that may have been replaced names other leaders, and not itself', () => {
  const partitions = [1, 2, null].map((leader) => ({ partId: 0, leader, epoch: 1 }))
  const image = imageOf({ topics: [{ name: 't', id: 'id', partitions }] })
  const leaders = (isServing: boolean) => {
    const [{ cluster }] = asked([], { image, isServing })
    return [0, 1, 2, 3].map((partition) => servingLeader(cluster, 't', partition))
  }
  assert.deepEqual(leaders(true), [1, 2, null, null])
  assert.deepEqual(leaders(false), [1, null, null, null])
})
