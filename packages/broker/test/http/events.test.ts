import assert from 'node:assert/strict'
import { test } from 'node:test'
import { busyBroker } from '../api/busy-broker.js'
import { EventReader } from './event-reader.js'
import { guardedBroker } from './guarded-broker.js'

test('a view is told whole first, as the call says it, and then in what has changed', async (t) => {
  const { broker, client } = await busyBroker(t)
  const reader = await EventReader.open(t, `${broker.url}/api/events?view=groups&sort=group`)
  const first = await reader.next()
  assert.equal(first?.event, 'snapshot')
  assert.deepEqual(first?.data, await broker.json('/api/groups?sort=group'))
  await client.commit('another', 'orders', 1)
  const second = await reader.next()
  assert.equal(second?.event, 'change')
  assert.equal(second?.data.rows.another.lag, 4)
  assert.deepEqual(second?.data.order, ['another', 'g/1', 'idle'])
  await client.deleteGroup('another')
  assert.deepEqual((await reader.next())?.data, { rows: {}, gone: ['another'], order: ['g/1', 'idle'] })
})

test('who watches a group hears of its rebalances, and of those that it has missed when it comes back', async (t) => {
  const { broker, client, memberId } = await busyBroker(t)
  const url = `${broker.url}/api/events?view=group&group=${encodeURIComponent('g/1')}`
  const reader = await EventReader.open(t, url)
  const whole = await reader.next()
  assert.equal(whole?.data.generation, 1)
  await client.rebalance('g/1', 'orders', memberId)
  const story = await reader.until('rebalance')
  assert.equal(story.data.generation, 2)
  reader.close()
  await client.rebalance('g/1', 'orders', memberId)
  const again = await EventReader.open(t, url, { 'last-event-id': story.id ?? '' })
  assert.equal((await again.next())?.event, 'snapshot')
  assert.equal((await again.until('rebalance')).data.generation, 3)
  const other = await EventReader.open(t, url, { 'last-event-id': 'another-life-0' })
  assert.equal((await other.next())?.event, 'snapshot')
  await client.rebalance('g/1', 'orders', memberId)
  assert.equal((await other.until('rebalance')).data.generation, 4)
})

test('who watches a group hears of a reset that waits for its members, and that it waits no more', async (t) => {
  const { broker, client, memberId, change } = await busyBroker(t)
  const reader = await EventReader.open(t, `${broker.url}/api/events?view=group&group=${encodeURIComponent('g/1')}`)
  assert.equal((await reader.next())?.data.reset, null)
  const body = { to: 'earliest', live: true, handoverMs: 60_000, reason: 'a bad release' }
  const resetting = change('POST', '/api/groups/g%2F1/resets', body)
  const waiting = { stage: 'joining', memberCount: 1, reason: 'a bad release' }
  assert.deepEqual((await reader.until('reset')).data, waiting)
  const { reset } = (await broker.json('/api/groups/g%2F1')) as { reset: unknown }
  assert.deepEqual(reset, waiting)
  await client.leave('g/1', memberId)
  assert.equal((await resetting).status, 200)
  assert.deepEqual((await reader.until('reset')).data, { stage: 'over' })
})

test('views of all kinds are told, and what is none is refused with those that there are', async (t) => {
  const { broker } = await busyBroker(t)
  for (const query of ['view=topics', 'view=topic&topic=orders', 'view=transactions', 'view=cluster']) {
    const reader = await EventReader.open(t, `${broker.url}/api/events?${query}`)
    assert.equal((await reader.next())?.event, 'snapshot', query)
    reader.close()
  }
  const refused: readonly [string, number, string][] = [
    ['', 400, 'INVALID_PARAMETER'],
    ['view=nothing', 400, 'INVALID_PARAMETER'],
    ['view=groups&limit=0', 400, 'INVALID_PARAMETER'],
    ['view=group&group=nobody', 404, 'GROUP_NOT_FOUND'],
    ['view=group', 400, 'INVALID_PARAMETER'],
  ]
  for (const [query, status, code] of refused) {
    const answer = await broker.get(`/api/events?${query}`)
    assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [status, code], query)
  }
})

test('a stream ends when what it is about is gone, and when the broker ends', async (t) => {
  const { broker, client } = await busyBroker(t)
  const idle = await EventReader.open(t, `${broker.url}/api/events?view=group&group=idle`)
  const groups = await EventReader.open(t, `${broker.url}/api/events?view=groups`)
  assert.equal((await idle.next())?.event, 'snapshot')
  assert.equal((await groups.next())?.event, 'snapshot')
  await client.deleteGroup('idle')
  const bye = await idle.until('bye')
  assert.equal(bye.data.code, 'GROUP_NOT_FOUND')
  assert.equal(await idle.next(), undefined)
  const ending = broker.close()
  assert.match((await groups.until('bye')).data.reason, /shutting down/)
  await ending
})

test('of one address 16 streams are open at most, and the metrics count them', async (t) => {
  const { broker } = await busyBroker(t)
  const url = `${broker.url}/api/events?view=cluster`
  const readers: EventReader[] = []
  for (let at = 0; at < 16; at++) readers.push(await EventReader.open(t, url))
  const refused = await fetch(url)
  assert.equal(refused.status, 429)
  assert.equal(((await refused.json()) as { code: string }).code, 'TOO_MANY_STREAMS')
  assert.equal((await broker.metrics()).get('rivven_http_streams'), 16)
  for (const reader of readers) reader.close()
  // Their ends are heard of in a moment.
  while ((await broker.metrics()).get('rivven_http_streams') !== 0);
  assert.equal((await EventReader.open(t, url).then((reader) => reader.next()))?.event, 'snapshot')
})

test('a stream tells what its reader may see, and ends when that is nothing any more', async (t) => {
  const { broker, client, as, allow } = await guardedBroker(t)
  await client.makeTopic('orders')
  await client.commit('mine', 'orders', 0)
  assert.equal((await broker.get('/api/events?view=groups')).status, 401)
  assert.equal((await as('alice', '/api/events?view=group&group=mine')).status, 403)
  await allow('DESCRIBE', 'GROUP', 'mine')
  const authorization = `Basic ${Buffer.from('alice:pages-secret').toString('base64')}`
  const reader = await EventReader.open(t, `${broker.url}/api/events?view=group&group=mine`, { authorization })
  assert.deepEqual((await reader.next())?.data.offsets, [])
  const everything = {
    ...({ resourceType: 'ANY', patternType: 'ANY', operation: 'ANY', permission: 'ANY' } as const),
    ...{ name: null, principal: null, host: null },
  }
  await broker.broker.security.acls?.delete([everything])
  assert.equal((await reader.until('bye')).data.code, 'GROUP_AUTHORIZATION_FAILED')
})
