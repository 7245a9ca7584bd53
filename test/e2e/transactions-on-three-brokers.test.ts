import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { Admin, Cluster, Consumer, Producer } from '@rivven/client'
import { type RivvenCluster, startRivvenCluster } from '@rivven/testing'
import { eventually } from '../support/eventually.js'

const partitions = 6
const config = { num_partitions: partitions, offsets_topic_num_partitions: 6, transaction_state_log_num_partitions: 6 }

/** Writes a value to each partition, in one transaction. */
async function writeAll(producer: Producer, value: string, end: 'commit' | 'abort'): Promise<void> {
  const transaction = await producer.beginTransaction()
  try {
    await transaction.sendMany(
      Array.from({ length: partitions }, (_, partition) => ({
        topic: 'orders',
        partition,
        value: `${value}-${partition}`,
      })),
    )
    await transaction[end]()
  } catch (error) {
    await transaction.abort()
    throw error
  }
}

async function committed({ bootstrapServers }: RivvenCluster, count: number): Promise<string[]> {
  const options = { groupId: 'readers', autoOffsetReset: 'earliest', isolationLevel: 'read_committed' } as const
  const consumer = new Consumer({ bootstrapServers, ...options })
  await consumer.subscribe('orders')
  const values: string[] = []
  while (values.length < count) values.push(...(await consumer.poll(500)).map(({ value }) => String(value)))
  values.push(...(await consumer.poll(300)).map(({ value }) => String(value)))
  await consumer.close()
  return values.sort()
}

function valuesOf(names: readonly string[]): string[] {
  return names.flatMap((name) => Array.from({ length: partitions }, (_, partition) => `${name}-${partition}`)).sort()
}

// Level 1 announces partitions to the coordinator, level 2 just writes: then their leaders ask it (KIP-890).
for (const level of [1, 2] as const) {
  test(`a transaction over the partitions of three brokers is seen as a whole, or not at all (level ${level})`, async (t) => {
    const feature = mock.method(Cluster.prototype, 'feature', async () => level)
    t.after(() => feature.mock.restore())
    await using cluster = await startRivvenCluster({ config })
    const { bootstrapServers } = cluster
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    for (const name of names) {
      const producer = new Producer({ bootstrapServers, transactionalId: name })
      await writeAll(producer, `${name} undone`, 'abort')
      await writeAll(producer, name, 'commit')
      await producer.close()
    }
    const leaders = names.map((_, partition) => cluster.leaderOf('__transaction_state', partition))
    assert.deepEqual([...new Set(leaders)].sort(), [1, 2, 3])
    assert.deepEqual(await committed(cluster, names.length * partitions), valuesOf(names))
  })
}

test('transactions go on while each broker in turn is killed and comes back: what was committed is there, once', async () => {
  await using cluster = await startRivvenCluster({ config })
  const producer = new Producer({ bootstrapServers: cluster.bootstrapServers, transactionalId: 'writer' })
  const names: string[] = []
  const write = async (name: string): Promise<void> => {
    await writeAll(producer, name, 'commit')
    names.push(name)
  }
  for (const id of [1, 2, 3]) {
    await write(`before ${id}`)
    await Promise.all([cluster.kill(id), write(`without ${id}`)])
    await write(`after ${id}`)
    await cluster.restart(id)
  }
  await producer.close()
  assert.deepEqual(await committed(cluster, names.length * partitions), valuesOf(names))
})

test('the coordinator of a group tells its lag in partitions that the other brokers lead', async () => {
  await using cluster = await startRivvenCluster({ config, http: true })
  const { bootstrapServers } = cluster
  const producer = new Producer({ bootstrapServers, transactionalId: 'writer' })
  await writeAll(producer, 'a', 'commit')
  await producer.close()
  const admin = new Admin({ bootstrapServers })
  const offsets = Array.from({ length: partitions }, (_, partition) => ({ topic: 'orders', partition, offset: 0 }))
  await admin.alterGroupOffsets('readers', offsets)
  await admin.close()
  await eventually(async () => assert.deepEqual(await lagsIn(cluster), Array(partitions).fill(2)))
})

/** Of the group, by partition: a record and the end of its transaction in each. */
async function lagsIn({ brokers }: RivvenCluster): Promise<number[]> {
  const pages = await Promise.all(brokers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()))
  const lines = pages.join('\n').matchAll(/^rivven_consumer_group_lag\{.*partition="(\d)"\} (\d+)$/gm)
  return Array.from(lines, ([, partition, lag]) => [Number(partition), Number(lag)] as const)
    .sort(([a], [b]) => a - b)
    .map(([, lag]) => lag)
}
