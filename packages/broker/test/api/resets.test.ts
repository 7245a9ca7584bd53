import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { groupReset, groupSnapshots } from '../../src/api/resets/reset-shapes.js'
import { misfitOf } from '../../src/api/shape.js'
import { guardedBroker } from '../http/guarded-broker.js'
import { busyBroker } from './busy-broker.js'

interface Reset {
  readonly changes: readonly { topic: string; partition: number; oldOffset: number | null; newOffset: number | null }[]
  readonly fingerprint: string
  readonly snapshot: number | null
  readonly mode: string
  readonly code?: string
}

async function scene(t: TestContext) {
  const { broker, change, ...rest } = await busyBroker(t)
  const reset = async (group: string, body: unknown): Promise<Reset & { status: number }> => {
    const answer = await change('POST', `/api/groups/${group}/resets`, body)
    const { status } = answer
    const json = (await answer.json()) as Reset
    if (status === 200) assert.equal(misfitOf(groupReset, json), undefined)
    return { ...json, status }
  }
  const offsetOf = async (group: string, partition = 0): Promise<number | undefined> => {
    const { offsets } = (await broker.json(`/api/groups/${group}`)) as {
      offsets: { topic: string; partition: number; committedOffset: number }[]
    }
    return offsets.find((offset) => offset.topic === 'orders' && offset.partition === partition)?.committedOffset
  }
  return { broker, change, reset, offsetOf, ...rest }
}

test('offsets of a group without members are moved by each kind of target', async (t) => {
  const { client, reset, offsetOf } = await scene(t)
  await client.commit('idle', 'orders', 3)
  const topics = [{ topic: 'orders', partitions: [0] }]
  const targets: [body: Record<string, unknown>, offset: number][] = [
    [{ to: 'latest' }, 5],
    [{ to: 'earliest' }, 0],
    [{ to: 'shift', shift: 4 }, 4],
    [{ to: 'shift', shift: -9 }, 0],
    [{ to: 'offset', offset: 2 }, 2],
    [{ to: 'current' }, 2],
    [{ to: 'time', time: 0 }, 0],
    [{ to: 'time', time: 2 }, 5],
  ]
  for (const [body, offset] of targets) {
    const { status, changes } = await reset('idle', { ...body, topics })
    assert.deepEqual([status, changes[0]?.newOffset], [200, offset], JSON.stringify(body))
    assert.equal(await offsetOf('idle'), offset)
  }
  const offsets = [
    { topic: 'orders', partition: 0, offset: null },
    { topic: 'orders', partition: 1, offset: 0 },
  ]
  assert.equal((await reset('idle', { to: 'offsets', offsets })).status, 200)
  assert.deepEqual([await offsetOf('idle'), await offsetOf('idle', 1)], [undefined, 0])
})

test('without topics all partitions are moved where the group has committed', async (t) => {
  const { client, reset } = await scene(t)
  await client.commit('idle', 'orders', 3)
  const { changes } = await reset('idle', { to: 'latest' })
  assert.deepEqual(changes.map(({ topic, oldOffset, newOffset }) => [topic, oldOffset, newOffset]).sort(), [
    ['orders', 3, 5],
    ['payments', 0, 0],
  ])
})

test('a plan changes nothing, and holds as long as offsets do not move', async (t) => {
  const { client, reset, offsetOf } = await scene(t)
  const body = { to: 'offset', offset: 1, topics: [{ topic: 'orders', partitions: [0] }] }
  await client.commit('idle', 'orders', 3)
  const { fingerprint, snapshot } = await reset('idle', { ...body, dryRun: true })
  assert.deepEqual([snapshot, await offsetOf('idle')], [null, 3])
  await client.commit('idle', 'orders', 4)
  const late = await reset('idle', { ...body, ifUnchanged: fingerprint })
  assert.deepEqual([late.status, late.code], [412, 'OFFSETS_CHANGED'])
  await client.commit('idle', 'orders', 3)
  assert.equal((await reset('idle', { ...body, ifUnchanged: fingerprint })).status, 200)
})

test('a group with members is reset when that is said, and members are put out that get no time', async (t) => {
  const { reset, offsetOf, broker } = await scene(t)
  const refused = await reset('g%2F1', { to: 'latest' })
  assert.deepEqual([refused.status, refused.code], [409, 'GROUP_NOT_EMPTY'])
  const { mode } = await reset('g%2F1', { to: 'latest', live: true, handoverMs: 0, reason: 'they are stuck' })
  assert.deepEqual([mode, await offsetOf('g%2F1')], ['fenced', 5])
  const { rebalances } = (await broker.json('/api/groups/g%2F1/timeline')) as {
    rebalances: { cause: string; reason: string; outcome: string }[]
  }
  const { cause, reason, outcome } = rebalances.at(-1)!
  assert.deepEqual([cause, reason, outcome], ['offsets reset', 'they are stuck', 'emptied'])
  assert.match(
    await (await broker.get('/metrics')).text(),
    /rivven_consumer_group_resets_total\{group="g\/1",how="fenced"\} 1/,
  )
})

test('while members are waited for the group tells so, and another reset is refused', async (t) => {
  const { reset, broker, client, memberId } = await scene(t)
  const waiting = reset('g%2F1', { to: 'earliest', live: true, reason: 'once more' })
  type Page = { readonly reset: { readonly stage: string; readonly memberCount: number } | null }
  let page: Page | undefined
  while (!page?.reset) page = (await broker.json('/api/groups/g%2F1')) as Page
  assert.deepEqual([page.reset.stage, page.reset.memberCount], ['joining', 1])
  assert.equal((await reset('g%2F1', { to: 'latest', live: true })).code, 'RESET_IN_PROGRESS')
  await client.leave('g/1', memberId)
  assert.equal((await waiting).mode, 'handed over')
})

test('what was changed by whatever tool is listed, taken back, and done again', async (t) => {
  const { client, reset, broker, offsetOf } = await scene(t)
  const snapshots = async () => {
    const found = await broker.json('/api/groups/idle/snapshots')
    assert.equal(misfitOf(groupSnapshots, found), undefined)
    return (found as { items: { id: number; mode: string; undoneBy: number | null; reason: string }[] }).items
  }
  assert.deepEqual(await snapshots(), [])
  await reset('idle', { to: 'offset', offset: 4, topics: [{ topic: 'orders', partitions: [0] }], reason: 'why not' })
  await client.deleteGroup('idle')
  assert.deepEqual(
    (await snapshots()).map(({ id, mode, reason }) => [id, mode, reason]),
    [
      [2, 'group deleted', ''],
      [1, 'empty', 'why not'],
    ],
  )
  assert.equal((await reset('idle', { to: 'snapshot' })).status, 200)
  assert.equal(await offsetOf('idle'), 4)
  await reset('idle', { to: 'snapshot', snapshot: 1 })
  assert.equal(await offsetOf('idle'), undefined)
  await reset('idle', { to: 'snapshot' })
  assert.equal(await offsetOf('idle'), 4)
  assert.deepEqual(
    (await snapshots()).map(({ undoneBy }) => undoneBy),
    [null, 5, null, 3, 4],
  )
})

test('what does not fit is refused with the reason', async (t) => {
  const { reset } = await scene(t)
  const topics = [{ topic: 'orders' }]
  const wrong: [group: string, body: unknown, code: string][] = [
    ['idle', {}, 'INVALID_PARAMETER'],
    ['idle', { to: 'sideways' }, 'INVALID_PARAMETER'],
    ['idle', { to: 'shift', topics }, 'INVALID_PARAMETER'],
    ['idle', { to: 'offsets', offsets: [{ topic: 'orders' }] }, 'INVALID_PARAMETER'],
    ['idle', { to: 'offsets', offsets: [] }, 'INVALID_PARAMETER'],
    ['idle', { to: 'latest', topics: [...topics, ...topics] }, 'INVALID_PARAMETER'],
    ['idle', { to: 'latest', topics: [{ topic: 'nothing' }] }, 'TOPIC_NOT_FOUND'],
    ['idle', { to: 'latest', topics: [{ topic: 'orders', partitions: [2] }] }, 'PARTITION_NOT_FOUND'],
    ['nobody', { to: 'latest' }, 'GROUP_NOT_FOUND'],
    ['nobody', { to: 'latest', topics }, 'GROUP_NOT_FOUND'],
    ['nobody', { to: 'snapshot' }, 'SNAPSHOT_NOT_FOUND'],
    ['idle', { to: 'snapshot', snapshot: 9 }, 'SNAPSHOT_NOT_FOUND'],
  ]
  for (const [group, body, code] of wrong) assert.equal((await reset(group, body)).code, code, JSON.stringify(body))
  assert.equal((await reset('nobody', { to: 'latest', topics, create: true })).status, 200)
})

test('nothing that a reset does not know is passed over: it would move more than was meant', async (t) => {
  const { client, reset, offsetOf } = await scene(t)
  await client.commit('idle', 'orders', 3)
  const wrong: [body: Record<string, unknown>, parameter: string][] = [
    [{ to: 'latest', topics: [{ topic: 'orders', partition: 1 }] }, 'topics'],
    [{ to: 'latest', topics: ['orders'] }, 'topics'],
    [{ to: 'offsets', offsets: [{ topic: 'orders', partition: 0, offset: 1, groupId: 'g/1' }] }, 'offsets'],
    [{ to: 'latest', offset: 1 }, 'offset'],
    [{ to: 'offset', offset: 1, time: 5 }, 'time'],
    [{ to: 'snapshot', topics: [{ topic: 'orders' }] }, 'topics'],
    [{ to: 'offsets', offsets: [{ topic: 'orders', partition: 0, offset: 1 }], topics: [] }, 'topics'],
  ]
  for (const [body, parameter] of wrong) {
    const { status, ...problem } = await reset('idle', body)
    assert.deepEqual([status, (problem as { parameter?: string }).parameter], [400, parameter], JSON.stringify(body))
  }
  assert.equal(await offsetOf('idle'), 3)
})

test('whoever resets needs READ on the group and on each topic', async (t) => {
  const { client, as, allow } = await guardedBroker(t, { http_anonymous: 'all' })
  await client.makeTopic('orders')
  await client.commit('idle', 'orders', 0)
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-rivven-action': '1' },
    body: JSON.stringify({ to: 'latest' }),
  }
  const code = async () => ((await (await as('alice', '/api/groups/idle/resets', init)).json()) as Reset).code
  assert.equal(await code(), 'GROUP_AUTHORIZATION_FAILED')
  await allow('READ', 'GROUP', 'idle')
  assert.equal(await code(), 'TOPIC_AUTHORIZATION_FAILED')
  await allow('READ', 'TOPIC', 'orders')
  assert.equal(await code(), undefined)
})
