import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Consumer, Producer, RivvenError } from '@rivven/client'
import { allow, group, startRivvenCluster, topic, transactionalId } from '@rivven/testing'
import { passwordOf } from '../support/passwords.js'
import { coordinatorOf, partitionOf } from './coordinator-of.js'

const users = { alice: passwordOf('alice') }
const ids = Array.from({ length: 6 }, (_, at) => `copier-${at}`)
const acls = [
  allow('alice', ['read', 'write', 'create', 'describe'], topic('orders')),
  allow('alice', ['read', 'write', 'create', 'describe'], topic('copies')),
  allow('alice', 'read', group('copiers')),
  ...ids.map((id) => allow('alice', ['write', 'describe'], transactionalId(id))),
]

/** Commits for the group without being a member of it. */
const nobody = { groupId: 'copiers', generationId: -1, memberId: '', groupInstanceId: null }

for (const security of [
  { name: 'TLS and passwords', options: { tls: true, users } },
  { name: 'passwords in the clear', options: { users } },
  { name: 'certificates alone', options: { tls: true, clientAuth: 'required' } },
] as const)
  test(`transactions go over three brokers that know each other by ${security.name}`, async () => {
    await using cluster = await startRivvenCluster({ security: { ...security.options, acls } })
    const options = cluster.clientOptions('alice')
    const admin = new Admin(options)
    await admin.createTopics([
      { name: 'orders', partitions: 6 },
      { name: 'copies', partitions: 6 },
    ])
    // Coordinators of six transactional ids, and leaders of six partitions: most transactions need markers of other brokers.
    for (const [at, id] of ids.entries()) {
      const producer = new Producer({ ...options, transactionalId: id })
      const transaction = await producer.beginTransaction()
      const records = [0, 1, 2, 3, 4, 5].map((partition) => ({ topic: 'copies', partition, value: `${at}` }))
      await transaction.sendMany(records)
      await transaction.commitOffsets({ ...nobody, offsets: [{ topic: 'orders', partition: at, offset: at + 1 }] })
      await transaction.commit()
      await producer.close()
    }
    const reader = new Consumer({ ...options, isolationLevel: 'read_committed', autoOffsetReset: 'earliest' })
    await reader.assign([0, 1, 2, 3, 4, 5].map((partition) => ({ topic: 'copies', partition })))
    let read = 0
    while (read < 36) read += (await reader.poll(1_000)).length
    await reader.close()
    // The group's coordinator took offsets of transactions that others coordinate.
    const coordinators = ids.map((id) => cluster.leaderOf('__transaction_state', partitionOf(id, 50)))
    assert.ok(coordinators.some((id) => id !== coordinatorOf(cluster, 'copiers', 50)))
    const committed = await admin.listGroupOffsets('copiers')
    assert.deepEqual(committed.map(({ partition, offset }) => offset - partition).sort(), [1, 1, 1, 1, 1, 1])
    await admin.close()
  })

test('what a user may not do no broker lets it do, and a rule that is added counts at all of them', async () => {
  await using cluster = await startRivvenCluster({ security: { users, superUsers: ['root'] } })
  const root = new Admin(cluster.clientOptions('root'))
  await root.createTopics([{ name: 'orders', partitions: 6 }])
  await root.close()
  const producer = new Producer(cluster.clientOptions('alice'))
  await assert.rejects(producer.send({ topic: 'orders', value: 'x' }), { code: 'AUTHORIZATION_FAILED' })
  await cluster.security.allow('alice', ['write', 'describe'], topic('orders'))
  for (let partition = 0; partition < 6; partition++) await producer.send({ topic: 'orders', partition, value: 'x' })
  await producer.close()
  await cluster.kill(2)
  const again = new Producer(cluster.clientOptions('alice'))
  for (let partition = 0; partition < 6; partition++) await again.send({ topic: 'orders', partition, value: 'y' })
  await again.close()
  const stranger = new Admin({
    ...cluster.clientOptions('alice'),
    sasl: { mechanism: 'plain', username: 'alice', password: passwordOf('mallory') },
  })
  await assert.rejects(
    stranger.listTopics(),
    (error: unknown) => error instanceof RivvenError && error.code === 'AUTHENTICATION_FAILED',
  )
  await stranger.close()
})

test('a cluster whose brokers nobody could know is refused', async () => {
  await assert.rejects(startRivvenCluster({ security: { mechanisms: ['oauthbearer'] } }), {
    code: 'INVALID_ARGUMENT',
    message: /scram-sha-256/,
  })
  await assert.rejects(startRivvenCluster({ security: { acls: [] } }), {
    code: 'INVALID_ARGUMENT',
    message: /Name users/,
  })
})
