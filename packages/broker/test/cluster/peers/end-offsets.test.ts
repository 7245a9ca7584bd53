import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ListOffsets } from '@rivven/protocol'
import { EndOffsets, type PartitionsOfTopics } from '../../../src/cluster/peers/end-offsets.js'
import type { Peers } from '../../../src/cluster/peers/peers.js'
import { TestClock } from '../../coordinator/test-clock.js'
import { batchOf } from '../../log/log-fixture.js'
import { OtherBroker } from './other-broker.js'
import { topicLedBy } from './peers-fixture.js'

const wanted = async (): Promise<PartitionsOfTopics> =>
  new Map([
    ['orders', new Set([0, 1, 2])],
    ['gone', new Set([0])],
  ])

/** Broker 1, which leads nothing, and broker 2, which has `orders` with three partitions: 2 records in the first. */
async function scene(t: Parameters<typeof OtherBroker.start>[0]) {
  const other = await OtherBroker.start(t)
  const id = await other.createTopic('orders', 3)
  await other.append(id, 0, batchOf(['a=1', 'b=2']), null)
  const requests: number[] = []
  const ask: Peers['ask'] = (broker, channel, api, request) => {
    assert.equal(api as unknown, ListOffsets)
    requests.push(broker)
    return other.peers.ask(broker, channel, api, request)
  }
  const clock = new TestClock()
  const ends = new EndOffsets({ cluster: other.cluster, peers: { ask } as unknown as Peers, clock })
  return { other, id, ends, requests, clock }
}

function endsOf(ends: EndOffsets): (number | undefined)[] {
  return [0, 1, 2].map((partition) => ends.of('orders', partition))
}

test('each leader is asked once for the ends of what it leads; where nobody leads there is none', async (t) => {
  const { other, ends, requests } = await scene(t)
  other.show(topicLedBy('orders', 2, 2, null))
  await ends.refresh(wanted)
  assert.deepEqual(endsOf(ends), [2, 0, undefined])
  assert.equal(ends.of('gone', 0), undefined)
  assert.deepEqual(requests, [2])
})

test('within a second nobody is asked again, and whoever comes meanwhile waits with the first', async (t) => {
  const { other, id, ends, requests, clock } = await scene(t)
  other.show(topicLedBy('orders', 2, 2, 2))
  await Promise.all([ends.refresh(wanted), ends.refresh(wanted)])
  await other.append(id, 0, batchOf(['c=3']), null)
  clock.pass(999)
  await ends.refresh(wanted)
  assert.deepEqual([endsOf(ends), requests], [[2, 0, 0], [2]])
  clock.pass(1)
  await ends.refresh(wanted)
  assert.deepEqual(
    [endsOf(ends), requests],
    [
      [3, 0, 0],
      [2, 2],
    ],
  )
})

test('a leader that does not answer leaves its ends open, and nobody else’s', async (t) => {
  const { other, ends } = await scene(t)
  other.show(topicLedBy('orders', 2, 3, 2))
  await ends.refresh(wanted)
  assert.deepEqual(endsOf(ends), [2, undefined, 0])
})

test('a broker that is alone asks nobody, and does not even look what it would have to ask for', async (t) => {
  const { other, ends, requests } = await scene(t)
  other.cluster.show({ brokers: [other.node] })
  await ends.refresh(() => assert.fail('nobody is there to be asked'))
  assert.deepEqual(requests, [])
})
