import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Consumer, Producer } from '@rivven/client'
import { startRivvenCluster } from '@rivven/testing'
import { eventually } from '../support/eventually.js'

interface Diagnosis {
  readonly findings: readonly {
    readonly check: string
    readonly evidence: readonly { readonly text: string; readonly value: number | string }[]
  }[]
  readonly groups?: number
  readonly total?: number
  readonly missing?: readonly number[]
}

test('the doctor knows how members read partitions that other brokers lead than their coordinator, whichever broker is asked', async () => {
  await using cluster = await startRivvenCluster({ http: true })
  const { bootstrapServers } = cluster
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: 'orders', partitions: 6 }])
  const partitions = [0, 1, 2, 3, 4, 5]
  assert.equal(new Set(partitions.map((partition) => cluster.leaderOf('orders', partition))).size, 3)
  const producer = new Producer({ bootstrapServers, transactionalId: 'payments' })
  const transaction = await producer.beginTransaction()
  await transaction.sendMany(partitions.map((partition) => ({ topic: 'orders', partition, value: 'taken back' })))
  await transaction.abort()
  const consumer = new Consumer({ bootstrapServers, groupId: 'g', autoOffsetReset: 'earliest' })
  await consumer.subscribe(['orders'])
  for (let read = 0; read < partitions.length; ) read += (await consumer.poll(1_000)).length
  await consumer.commit()
  for (const { url } of cluster.brokers) {
    await eventually(async () => {
      const { findings } = (await (await fetch(`${url}/api/groups/g/doctor`)).json()) as Diagnosis
      const finding = findings.find(({ check }) => check === 'reads-uncommitted')
      const aborted = finding?.evidence.find(({ text }) => text.startsWith('transactions aborted'))
      assert.equal(aborted?.value, partitions.length)
    })
  }
  const all = (await admin.call('GET', '/api/doctor')) as Diagnosis
  assert.deepEqual([all.groups, all.total, all.missing], [1, 1, []])
  assert.ok(all.findings.some(({ check }) => check === 'reads-uncommitted'))
  await Promise.all([consumer.close(), producer.close()])
  await admin.close()
})
