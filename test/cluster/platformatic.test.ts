import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Consumer, type Message, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { startRivvenCluster } from '@rivven/testing'
import { eventually } from '../support/eventually.js'
import { coordinatorOf, ledBy } from './coordinator-of.js'

const PARTITIONS = 6
/** It tries again by itself. */
const again = { retries: 5, retryDelay: 50, timeout: 5_000 }

test('@platformatic/kafka writes to and reads from three brokers, the coordinator of its group is killed: nothing is lost', async () => {
  await using cluster = await startRivvenCluster({ config: { num_partitions: PARTITIONS } })
  const base = { clientId: 'interop', bootstrapBrokers: cluster.bootstrapServers.split(','), ...again }
  const admin = new Admin(base)
  await admin.createTopics({ topics: ['orders'], partitions: PARTITIONS, replicas: 1 })
  await admin.close()

  const producer = new Producer({ ...base, serializers: stringSerializers })
  const send = async (value: number) => {
    const messages = [{ topic: 'orders', key: String(value), value: String(value) }]
    // A broker that is gone is an error of the application's: it sends once more.
    await eventually(async () => void (await producer.send({ messages })))
  }
  const times = { sessionTimeout: 10_000, heartbeatInterval: 200, rebalanceTimeout: 10_000 }
  const seen = new Set<number>()
  const consumers: Consumer<string, string, string, string>[] = []
  const read = async (): Promise<void> => {
    const consumer = new Consumer({ ...base, ...times, groupId: 'readers', deserializers: stringDeserializers })
    consumers.push(consumer)
    const from = { topics: ['orders'], mode: 'committed' as const, fallbackMode: 'earliest' as const }
    const stream = await consumer.consume({ ...from, autocommit: 100, maxWaitTime: 200 })
    stream.on('data', ({ value }: Message<string, string, string, string>) => seen.add(Number(value)))
    // It asks a broker that is gone until it gives up; then the application begins anew.
    stream.on('error', () => {
      stream.destroy()
      consumer.close(true, () => undefined)
      void eventually(read)
    })
  }
  await read()

  for (let value = 0; value < 30; value++) await send(value)
  await eventually(() => assert.equal(seen.size, 30))
  const killed = coordinatorOf(cluster, 'readers', 50)!
  await cluster.kill(killed)
  for (let value = 30; value < 60; value++) await send(value)
  await cluster.restart(killed)
  await eventually(() => assert.equal(ledBy(cluster, killed, 'orders', PARTITIONS), 2))
  for (let value = 60; value < 90; value++) await send(value)
  await eventually(() => assert.equal(seen.size, 90))
  for (const consumer of consumers) await new Promise((closed) => consumer.close(true, closed))
  await producer.close()
})
