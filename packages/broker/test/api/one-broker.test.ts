import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BrokerConfigs, BrokerPage } from '../../src/api/cluster/one-broker.js'
import { ClientSoftware } from '../../src/client-software.js'
import type { RequestConnection } from '../../src/request-connection.js'
import { busyBroker } from './busy-broker.js'

test('a broker tells how it does, and what of its configuration somebody has set', async (t) => {
  const { broker } = await busyBroker(t, { num_partitions: 3 })
  const page = (await broker.json('/api/cluster/brokers/1')) as BrokerPage
  assert.equal(page.id, 1)
  assert.ok(page.connections > 0)
  assert.equal(page.unwritable, 0)
  const { items } = (await broker.json('/api/cluster/brokers/1/configs')) as BrokerConfigs
  assert.deepEqual(
    items.find(({ key }) => key === 'num_partitions'),
    { key: 'num_partitions', value: '3', fallback: '1' },
  )
  assert.equal(
    items.some(({ key }) => key === 'node_id'),
    false,
  )
})

test('a broker that is not there is 404', async (t) => {
  const { broker } = await busyBroker(t)
  for (const path of ['/api/cluster/brokers/2', '/api/cluster/brokers/1e0/configs', '/api/cluster/brokers/x']) {
    const answer = await broker.get(path)
    assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [404, 'BROKER_NOT_FOUND'], path)
  }
})

test('programs are counted by the connections that they have open', () => {
  const software = new ClientSoftware()
  const [one, two, other] = [new Open(), new Open(), new Open()]
  software.introduce(one, 'rivven', '1.0')
  software.introduce(two, 'kafkajs', '2')
  software.introduce(two, 'rivven', '1.0')
  software.introduce(two, 'rivven', '1.0')
  software.introduce(other, 'librdkafka', '2.5.0')
  software.introduce(new Open(), '')
  assert.deepEqual(software.counts(), [
    { software: 'rivven', version: '1.0', connections: 2 },
    { software: 'librdkafka', version: '2.5.0', connections: 1 },
  ])
  for (const connection of [one, two]) connection.end()
  assert.deepEqual(software.counts(), [{ software: 'librdkafka', version: '2.5.0', connections: 1 }])
})

class Open implements RequestConnection {
  closed = false
  #listeners: (() => void)[] = []

  onClose(listener: () => void): () => void {
    this.#listeners.push(listener)
    return () => undefined
  }

  close(): void {
    this.end()
  }

  end(): void {
    this.closed = true
    for (const listener of this.#listeners) listener()
  }
}
