import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeSubscription, type RebalanceStory } from '@rivven/groups'
import { JoinGroup, LeaveGroup } from '@rivven/protocol'
import { HttpBroker } from './http-broker.js'

test('the rebalances of a group are told as JSON, oldest first, and of an unknown group there are none', async (t) => {
  const broker = await HttpBroker.start()
  t.after(() => broker.close())
  const protocols = [{ name: 'range', metadata: encodeSubscription({ topics: ['orders'] }) }]
  const terms = { groupId: 'g/1', sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' }
  const joined = await broker.call(JoinGroup, 3, { ...terms, protocols })
  assert.equal(joined.errorCode, 0)
  const { memberId } = joined
  await broker.call(LeaveGroup, 5, {
    groupId: 'g/1',
    members: [{ memberId, reason: 'consumer poll timeout has expired.' }],
  })

  const told = (await broker.json('/api/groups/g%2F1/timeline')) as { rebalances: RebalanceStory[] }
  assert.deepEqual(
    told.rebalances.map(({ cause, outcome, generation }) => [cause, outcome, generation]),
    [
      ['first member', 'superseded', 1],
      ['poll timeout', 'emptied', 2],
    ],
  )
  assert.equal(told.rebalances[1]!.culprit?.memberId, memberId)
  assert.deepEqual(await broker.json('/api/groups/nobody/timeline'), { rebalances: [], handOvers: [], before: null })
})
