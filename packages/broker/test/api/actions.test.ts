import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GroupClient } from '../http/group-client.js'
import { guardedBroker } from '../http/guarded-broker.js'
import { HttpBroker } from '../http/http-broker.js'
import { busyBroker } from './busy-broker.js'

const headers = { 'content-type': 'application/json', 'x-rivven-action': '1' }

async function codeOf(answer: Response): Promise<string> {
  return ((await answer.json()) as { code: string }).code
}

test('a member is removed, and the timeline says why', async (t) => {
  const { broker, memberId, change } = await busyBroker(t)
  const path = '/api/groups/g%2F1/members/remove'
  const removed = await change('POST', path, { memberIds: [memberId, 'nobody'], reason: 'it is stuck' })
  assert.equal(removed.status, 200)
  assert.deepEqual(await removed.json(), {
    members: [
      { memberId, groupInstanceId: null, error: 'NONE' },
      { memberId: 'nobody', groupInstanceId: null, error: 'UNKNOWN_MEMBER_ID' },
    ],
  })
  const { rebalances } = (await broker.json('/api/groups/g%2F1/timeline')) as { rebalances: { reason: string }[] }
  assert.equal(rebalances.at(-1)?.reason, 'it is stuck')
  assert.equal(await codeOf(await change('POST', path, { memberIds: [memberId] })), 'MEMBER_NOT_FOUND')
  assert.equal(await codeOf(await change('POST', path, {})), 'INVALID_PARAMETER')
})

test('a group is deleted that has no members', async (t) => {
  const { broker, change } = await busyBroker(t)
  assert.equal(await codeOf(await change('DELETE', '/api/groups/g%2F1')), 'GROUP_NOT_EMPTY')
  assert.deepEqual(await (await change('DELETE', '/api/groups/idle')).json(), { groupId: 'idle' })
  assert.equal((await broker.get('/api/groups/idle')).status, 404)
  assert.equal(await codeOf(await change('DELETE', '/api/groups/idle')), 'GROUP_NOT_FOUND')
})

test('a transaction that nobody knows is not aborted', async (t) => {
  const { change } = await busyBroker(t)
  assert.equal(await codeOf(await change('POST', '/api/transactions/nobody/abort')), 'TRANSACTION_NOT_FOUND')
})

test('as long as nobody has said otherwise nothing is changed over HTTP, and that can be asked', async (t) => {
  const broker = await HttpBroker.start()
  t.after(() => broker.close())
  await new GroupClient(broker).makeTopic('orders')
  const answer = await fetch(`${broker.url}/api/groups/idle`, { method: 'DELETE', headers })
  assert.equal(answer.status, 403)
  assert.equal(await codeOf(answer), 'ACTIONS_OFF')
  assert.equal(((await broker.json('/api/meta')) as { actions: boolean }).actions, false)
})

test('where one logs in, actions are for who is logged in and has the right', async (t) => {
  const { broker, client, as, allow } = await guardedBroker(t, { http_anonymous: 'all' })
  await client.makeTopic('orders')
  await client.commit('idle', 'orders', 0)
  const init = { method: 'DELETE', headers }
  assert.equal((await fetch(`${broker.url}/api/groups/idle`, init)).status, 401)
  assert.equal(await codeOf(await as('alice', '/api/groups/idle', init)), 'GROUP_AUTHORIZATION_FAILED')
  await allow('DELETE', 'GROUP', 'idle')
  assert.equal((await as('alice', '/api/groups/idle', init)).status, 200)
})

test('calls of brokers among each other are not to be had over HTTP', async (t) => {
  const { change } = await busyBroker(t)
  for (const path of ['/api/cluster/nudges', '/api/cluster/calls'])
    assert.equal((await change('POST', path, {})).status, 404, path)
})
