import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRivvenCluster } from '@rivven/testing'
import kafkajs from 'kafkajs'
import { eventually } from '../support/eventually.js'
import { coordinatorOf, ledBy } from './coordinator-of.js'

const { Kafka, logLevel, Partitioners } = kafkajs

const PARTITIONS = 6

test('kafkajs writes to and reads from three brokers, the coordinator of its group is killed: nothing is lost', async () => {
  await using cluster = await startRivvenCluster({ config: { num_partitions: PARTITIONS } })
  const kafka = new Kafka({
    brokers: cluster.bootstrapServers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 50 },
  })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: PARTITIONS }] })
  assert.equal((await admin.describeCluster()).brokers.length, 3)
  await admin.disconnect()

  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true })
  await producer.connect()
  const send = (value: number) =>
    producer.send({ topic: 'orders', messages: [{ key: String(value), value: String(value) }] })
  const times = { sessionTimeout: 10_000, heartbeatInterval: 200, rebalanceTimeout: 10_000 }
  const consumer = kafka.consumer({ groupId: 'readers', ...times })
  const seen = new Set<number>()
  await consumer.connect()
  await consumer.subscribe({ topic: 'orders', fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => void seen.add(Number(message.value)) })

  for (let value = 0; value < 30; value++) await send(value)
  await eventually(() => assert.equal(seen.size, 30))
  const killed = coordinatorOf(cluster, 'readers', 50)!
  await cluster.kill(killed)
  for (let value = 30; value < 60; value++) await send(value)
  await cluster.restart(killed)
  await eventually(() => assert.equal(ledBy(cluster, killed, 'orders', PARTITIONS), 2))
  for (let value = 60; value < 90; value++) await send(value)
  await eventually(() => assert.equal(seen.size, 90))
  await consumer.disconnect()
  await producer.disconnect()
})
