import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeRuntime } from '@rivven/runtime'
import { AloneCluster } from '../../src/cluster/alone/alone-cluster.js'
import type { Led } from '../../src/cluster/cluster.js'
import { changedTopics, leaderOf } from '../../src/cluster/image.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { memoryStorage } from '../../src/open-storage.js'

const runtime = nodeRuntime()

async function start(storage = memoryStorage(runtime)): Promise<AloneCluster> {
  const cluster = await AloneCluster.open({ storage, runtime, config: brokerConfig(), warn: assert.fail })
  await cluster.openLogs({ clock: runtime.clock })
  return cluster
}

test('a broker that is alone leads every partition, with the epoch of its start', async () => {
  const storage = memoryStorage(runtime)
  await start(storage)
  const cluster = await start(storage)
  await cluster.catalog.createTopic('a', 2)
  await cluster.catalog.createTopic('b', 1)
  assert.deepEqual([...cluster.image.topics.keys()], ['a', 'b'])
  assert.deepEqual(leaderOf(cluster.image, 'a', 1), { partId: 0, leader: cluster.brokerId, epoch: 1 })
  assert.equal(leaderOf(cluster.image, 'a', 2), undefined)
  await cluster.catalog.deleteTopics(['a'])
  assert.equal(leaderOf(cluster.image, 'a', 1), undefined)
})

test('an image stays what it is, and the next one shares with it what did not change', async () => {
  const cluster = await start()
  await cluster.catalog.createTopic('a', 2)
  await cluster.catalog.createTopic('b', 1)
  const before = cluster.image
  assert.equal(cluster.image, before)
  await cluster.catalog.growTopics([{ name: 'b', count: 3 }])
  const [change, ...others] = changedTopics(cluster.image, before)
  assert.deepEqual([change?.name, change?.now?.partitions.length, change?.before?.partitions.length], ['b', 3, 1])
  assert.deepEqual(others, [])
  assert.ok(cluster.image.version > before.version)
})

test('changes that come at once are told as one', async () => {
  const cluster = await start()
  const told = new Promise<string[]>((resolve) => {
    cluster.onChange((now, before) => resolve(changedTopics(now, before).map(({ name }) => name)))
  })
  await cluster.catalog.createTopics(['a', 'b', 'c'].map((name) => ({ name, partitionCount: 1 })))
  assert.deepEqual(await told, ['a', 'b', 'c'])
})

test('where it is reached is known when it has started, and that it is being drained', async () => {
  const cluster = await start()
  const self = () => cluster.image.brokers.get(cluster.brokerId)
  const address = { host: 'a.example', port: 9092 }
  await cluster.start({
    led: { open: async () => undefined } as unknown as Led,
    listen: async () => new Map([['PLAINTEXT', address]]),
  })
  assert.deepEqual(self()?.addresses.get('PLAINTEXT'), address)
  assert.equal(self()?.isDraining, false)
  await cluster.drain(cluster.brokerId, true)
  assert.equal(self()?.isDraining, true)
})

test('before the first client comes in all is led that there is; what is made later is led when that is answered', async () => {
  const cluster = await start()
  await cluster.catalog.createTopic('a', 2)
  const seen: string[] = []
  const open: Led['open'] = async ({ name }, partitions, epoch) => void seen.push(`open ${name} ${partitions} ${epoch}`)
  const listen = async () => {
    seen.push('listen')
    return new Map()
  }
  await cluster.start({ led: { open } as Led, listen })
  await cluster.catalog.createTopic('b', 1)
  await cluster.catalog.growTopics([{ name: 'b', count: 3 }])
  assert.deepEqual(seen, ['open a 0,1 0', 'listen', 'open b 0 0', 'open b 1,2 0'])
})
