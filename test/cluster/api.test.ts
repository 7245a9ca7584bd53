import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, nameToPath, Producer } from '@rivven/client'
import { type RivvenCluster, startRivvenCluster } from '@rivven/testing'
import { eventually } from '../support/eventually.js'
import { coordinatorOf } from './coordinator-of.js'

const change = { headers: { 'content-type': 'application/json', 'x-rivven-action': '1' } }
/** One for each of three brokers, as their hashes fall; the last is a name that paths have to be careful with. */
const groups = [...Array.from({ length: 12 }, (_, at) => `g${at}`), '..']

interface GroupList {
  readonly items: readonly { groupId: string; lag: number }[]
  readonly total: number
  readonly missing: readonly number[]
}

async function sceneWithGroups(cluster: RivvenCluster): Promise<Admin> {
  const admin = new Admin({ bootstrapServers: cluster.bootstrapServers })
  await admin.createTopics([{ name: 'orders', partitions: 3 }])
  for (const group of groups) await admin.alterGroupOffsets(group, [{ topic: 'orders', partition: 0, offset: 0 }])
  return admin
}

test('any broker answers for all of a cluster over HTTP, and for the coordinator of any group', async () => {
  await using cluster = await startRivvenCluster({ http: true, config: { http_actions: 'loopback' } })
  const admin = await sceneWithGroups(cluster)
  for (const { url } of cluster.brokers) {
    const list = (await (await fetch(`${url}/api/groups`)).json()) as GroupList
    assert.deepEqual(
      list.items.map(({ groupId }) => groupId),
      [...groups].sort(),
    )
    assert.deepEqual([list.total, list.missing], [groups.length, []])
    for (const group of groups) {
      const answer = await fetch(`${url}/api/groups/${nameToPath(group)}`)
      assert.equal(answer.status, 200, group)
      assert.equal(((await answer.json()) as { groupId: string }).groupId, group)
    }
    const topic = (await (await fetch(`${url}/api/topics/orders`)).json()) as { partitions: { logEndOffset: number }[] }
    assert.deepEqual(
      topic.partitions.map(({ logEndOffset }) => logEndOffset),
      [0, 0, 0],
    )
  }
  const { id, url } = cluster.brokers[0]!
  const elsewhere = groups.find((group) => coordinatorOf(cluster, group, 50) !== id)!
  const path = `/api/groups/${nameToPath(elsewhere)}`
  assert.equal((await fetch(`${url}${path}`, { method: 'DELETE', ...change })).status, 200)
  await eventually(async () => assert.equal((await fetch(`${url}${path}`)).status, 404))
  await admin.close()
})

interface RecordPage {
  readonly records: readonly { partition: number; value: { text: string } }[]
  readonly missing: readonly number[]
}

test('any broker tells records of partitions that others lead, of one and of all', async () => {
  await using cluster = await startRivvenCluster({ http: true })
  const { bootstrapServers } = cluster
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: 'orders', partitions: 3 }])
  const producer = new Producer({ bootstrapServers })
  for (const partition of [0, 1, 2]) await producer.send({ topic: 'orders', partition, value: `v${partition}` })
  await producer.close()
  for (const { url } of cluster.brokers) {
    const read = async (query = '') => {
      const page = (await (await fetch(`${url}/api/topics/orders/records${query}`)).json()) as RecordPage
      return [page.records.map(({ partition, value }) => `${partition} ${value.text}`).sort(), page.missing]
    }
    assert.deepEqual(await read(), [['0 v0', '1 v1', '2 v2'], []])
    for (const partition of [0, 1, 2]) {
      assert.deepEqual(await read(`?partition=${partition}`), [[`${partition} v${partition}`], []])
      const value = await fetch(`${url}/api/topics/orders/partitions/${partition}/records/0/value`)
      assert.equal(await value.text(), `v${partition}`)
    }
  }
  await admin.close()
})

test('offsets are reset over any broker, in partitions that others lead, too', async () => {
  await using cluster = await startRivvenCluster({ http: true, config: { http_actions: 'loopback' } })
  const { bootstrapServers } = cluster
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: 'orders', partitions: 3 }])
  const producer = new Producer({ bootstrapServers })
  for (const partition of [0, 1, 2, 0, 1, 2]) await producer.send({ topic: 'orders', partition, value: 'x' })
  await producer.close()
  await admin.alterGroupOffsets('readers', [{ topic: 'orders', partition: 0, offset: 0 }])
  const topics = [{ topic: 'orders' }]
  const targets: [body: Record<string, unknown>, offset: number][] = [
    [{ to: 'latest' }, 2],
    [{ to: 'shift', shift: -1 }, 1],
    [{ to: 'time', time: Date.now() + 60_000 }, 2],
    [{ to: 'time', time: 0 }, 0],
    // A live one has longer to be answered by the coordinator.
    [{ to: 'offset', offset: 1, live: true }, 1],
  ]
  for (const { url } of cluster.brokers) {
    for (const [body, offset] of targets) {
      const json = JSON.stringify({ ...body, topics })
      const answer = await fetch(`${url}/api/groups/readers/resets`, { method: 'POST', body: json, ...change })
      const { changes } = (await answer.json()) as { changes?: readonly { newOffset: number }[] }
      assert.deepEqual(
        changes?.map(({ newOffset }) => newOffset),
        [offset, offset, offset],
        json,
      )
    }
  }
  await admin.close()
})

test('over Kafka’s protocol a broker says who coordinates a group, and the client asks that one', async () => {
  await using cluster = await startRivvenCluster({})
  const admin = await sceneWithGroups(cluster)
  for (const group of groups) {
    const path = `/api/groups/${nameToPath(group)}`
    assert.equal(((await admin.call('GET', path)) as { groupId: string }).groupId, group)
    const coordinator = coordinatorOf(cluster, group, 50)
    const { id } = cluster.brokers.find((broker) => broker.id !== coordinator)!
    await assert.rejects(admin.call('GET', path, { broker: id }), { code: 'ELSEWHERE' })
  }
  assert.deepEqual(await admin.call('DELETE', '/api/groups/g0'), { groupId: 'g0' })
  await assert.rejects(admin.call('GET', '/api/groups/g0'), { code: 'GROUP_NOT_FOUND' })
  const { items } = (await admin.call('GET', '/api/groups?limit=1000')) as GroupList
  assert.equal(items.length, groups.length - 1)
  await admin.close()
})

test('of a broker that does not answer a list says that it is missing', async () => {
  await using cluster = await startRivvenCluster({ http: true })
  const admin = await sceneWithGroups(cluster)
  const { url } = cluster.brokers[0]!
  const { id } = cluster.brokers[2]!
  await cluster.kill(id)
  const list = (await (await fetch(`${url}/api/groups`)).json()) as GroupList
  // Its death may have been seen meanwhile: then others have its groups.
  if (list.missing.length > 0) assert.deepEqual(list.missing, [id])
  await eventually(async () => {
    const { total, missing } = (await (await fetch(`${url}/api/groups`)).json()) as GroupList
    assert.deepEqual([total, missing], [groups.length, []])
  })
  await admin.close()
})
