import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guardedBroker } from './guarded-broker.js'

interface Group {
  readonly lag: number
  readonly members: readonly { topics: string[]; assignment: { topic: string }[] }[]
  readonly offsets: readonly { topic: string; lag: number }[]
}

test('groups are listed for who may describe them, and lag counts only topics that one may describe', async (t) => {
  const { client, as, allow } = await guardedBroker(t)
  for (const topic of ['orders', 'secrets']) {
    await client.makeTopic(topic)
    await client.produce(topic, 5)
  }
  for (const group of ['mine', 'theirs']) {
    await client.commit(group, 'orders', 4)
    await client.commit(group, 'secrets', 0)
  }
  const seen = async (name: string) => {
    const { groups } = (await (await as(name, '/api/groups')).json()) as { groups: { groupId: string; lag: number }[] }
    return groups.map(({ groupId, lag }) => `${groupId} ${lag}`)
  }
  assert.deepEqual(await seen('alice'), [])
  await allow('DESCRIBE', 'GROUP', 'mine')
  assert.deepEqual(await seen('alice'), ['mine 0'])
  await allow('READ', 'TOPIC', 'orders')
  assert.deepEqual(await seen('alice'), ['mine 1'])
  await allow('DESCRIBE', 'CLUSTER', 'kafka-cluster')
  assert.deepEqual(await seen('alice'), ['mine 1', 'theirs 1'])
  assert.deepEqual(await seen('root'), ['mine 6', 'theirs 6'])
})

test('a group is shown without the topics that its reader may not describe', async (t) => {
  const { broker, client, as, allow } = await guardedBroker(t)
  await client.makeTopic('orders')
  await client.commit('g', 'orders', 0)
  await client.produce('orders', 5)
  await client.rebalance('g', 'orders')
  for (const path of ['/api/groups/g', '/api/groups/g/timeline', '/api/groups/nobody']) {
    const answer = await as('alice', path)
    assert.equal(answer.status, 403, path)
    assert.equal(((await answer.json()) as { code: string }).code, 'GROUP_AUTHORIZATION_FAILED')
  }
  await allow('DESCRIBE', 'GROUP', 'g')
  const shown = async (): Promise<Group> => (await (await as('alice', '/api/groups/g')).json()) as Group
  const { lag, members, offsets } = await shown()
  assert.equal(lag, 0)
  assert.deepEqual(offsets, [])
  assert.deepEqual(
    members.map(({ topics, assignment }) => ({ topics, assignment })),
    [{ topics: [], assignment: [] }],
  )
  const hidden = await (await as('alice', '/api/groups/g/timeline')).text()
  assert.doesNotMatch(hidden, /orders/)
  assert.match(hidden, /"rebalances":\[\{/)
  await allow('DESCRIBE', 'TOPIC', 'orders')
  const whole = await shown()
  assert.equal(whole.lag, 5)
  assert.deepEqual(whole.members[0]?.topics, ['orders'])
  assert.deepEqual(whole.members[0]?.assignment[0]?.topic, 'orders')
  assert.equal(whole.offsets[0]?.topic, 'orders')
  assert.deepEqual(whole, await (await as('root', '/api/groups/g')).json())
  assert.equal((await as('root', '/api/groups/nobody')).status, 404)
  assert.ok(broker)
})

test('users, ACLs and quotas are shown as the APIs describe them, to who may describe them', async (t) => {
  const { broker, as, allow } = await guardedBroker(t)
  for (const page of ['users', 'acls', 'quotas']) {
    assert.equal((await as('alice', `/api/security/${page}`)).status, 403, page)
  }
  await allow('DESCRIBE', 'CLUSTER', 'kafka-cluster')
  const users = await (await as('alice', '/api/security/users')).text()
  const credentials = [{ mechanism: 'SCRAM-SHA-256', iterations: 4096 }]
  assert.deepEqual(JSON.parse(users), {
    users: [
      { name: 'alice', credentials },
      { name: 'root', credentials },
    ],
  })
  assert.deepEqual(await (await as('alice', '/api/security/acls')).json(), {
    acls: [
      {
        ...{ resourceType: 'CLUSTER', patternType: 'LITERAL', name: 'kafka-cluster', principal: 'User:alice' },
        ...{ host: '*', operation: 'DESCRIBE', permission: 'ALLOW' },
      },
    ],
  })
  assert.equal((await as('alice', '/api/security/quotas')).status, 403)
  await allow('DESCRIBE_CONFIGS', 'CLUSTER', 'kafka-cluster')
  assert.deepEqual(await (await as('alice', '/api/security/quotas')).json(), { quotas: [] })
  const entity = [{ type: 'user' as const, name: 'bob' }]
  const ops = [{ key: 'producer_byte_rate', value: 1024, remove: false }]
  await broker.broker.security.quotas.alter([{ entity, ops }], { validateOnly: false })
  assert.deepEqual(await (await as('alice', '/api/security/quotas')).json(), {
    quotas: [{ entity, values: { producer_byte_rate: 1024 } }],
  })
})

test('without an authorizer there are no ACLs to show', async (t) => {
  const { broker } = await guardedBroker(t, { authorizer_class_name: 'none' })
  const answer = await broker.get('/api/security/acls')
  assert.equal(answer.status, 404)
  assert.equal(((await answer.json()) as { code: string }).code, 'SECURITY_DISABLED')
})
