import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertPlainFailure, cells, scene } from './cli-scene.js'

test('describe shows state, members or offsets alone', async () => {
  await using s = await scene()
  await s.topicWith('orders', 3, 4)
  const member = await s.member('g', 'orders', 'worker', { groupInstanceId: 'worker-0' })
  await member.commitOffsets([{ topic: 'orders', partition: 1, offset: 3 }])

  const state = await s.data('group describe g --state')
  assert.equal(
    state,
    `Group: g\nCoordinator: broker-1 (127.0.0.1:${s.rivven.port})\nState: Stable\nMembers: 1\nAssignor: range\n`,
  )
  const row = await s.data('group describe g --state -o csv')
  assert.match(
    row,
    /^groupId,coordinator,state,protocolType,protocol,members\ng,broker-1 \(.*\),Stable,consumer,range,1\n$/,
  )

  const members = await s.data('group describe g --members')
  const [head, table] = members.split('\n\n')
  assert.match(head!, /^Group: g\n/)
  assert.match(table!, /^CONSUMER-ID +INSTANCE-ID +CLIENT-ID +HOST +#PARTITIONS +ASSIGNMENT\n/)
  assert.deepEqual(cells(table!)[0]!.slice(1), ['worker-0', 'worker', '/127.0.0.1', '3', 'orders(0,1,2)'])
  assert.match(await s.data('group describe g --members -o wide'), /SUBSCRIPTION\n.* orders\n$/)
  const facts = JSON.parse(await s.data('group describe g --members -o json'))
  assert.deepEqual(Object.keys(facts), ['groupId', 'members'])
  assert.equal(facts.members[0].groupInstanceId, 'worker-0')
  assert.equal(facts.members[0].assignment.length, 3)

  const offsets = await s.data('group describe g --offsets')
  assert.deepEqual(
    cells(offsets.split('\n\n')[1]!).map((cells) => cells.slice(0, 5)),
    [
      ['orders', '0', '-', '4', '-'],
      ['orders', '1', '3', '4', '1'],
      ['orders', '2', '-', '4', '-'],
    ],
  )
  const both = JSON.parse(await s.data('group describe g --offsets --state -o json'))
  assert.equal(both.members, 1)
  assert.equal(both.partitions[1].lag, 1)
})

test('groups are listed by state', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 1)
  await s.member('busy', 't')
  await s.data('group reset-offsets idle --create -t t --to-latest')
  const names = async (words: string) => cells(await s.data(`group list ${words}`.trim())).map(([name]) => name)
  assert.deepEqual(await names(''), ['busy', 'idle'])
  assert.deepEqual(await names('--state empty'), ['idle'])
  assert.deepEqual(await names('--state Stable,Empty'), ['busy', 'idle'])
  assert.deepEqual(await names('--state preparing-rebalance'), [])
  assertPlainFailure(await s.run('group list --state busy'), /"busy" is no state of a group\. There are Stable/, 2)
})

test('members are removed by instance id or member id', async () => {
  await using s = await scene()
  await s.topicWith('t', 2, 1)
  const pod = await s.member('g', 't', 'worker', { groupInstanceId: 'pod-0', heartbeatIntervalMs: 50 })
  await pod.close()
  assert.match(await s.data('group describe g --state'), /Members: 1\n/)
  const removed = await s.run(['group', 'remove-member', 'g', '--instance-id', 'pod-0', '--reason', 'scaled down'])
  assert.equal(removed.status, 0, removed.words)
  assert.match(removed.words, /^Removed pod-0 \(worker on 127\.0\.0\.1\) from g; the group rebalances\./)
  assert.match(await s.data('group describe g --state'), /State: Empty\nMembers: 0\n/)

  const worker = await s.member('g', 't', 'worker', { heartbeatIntervalMs: 50 })
  const before = worker.memberId
  assert.equal((await s.run(['group', 'remove-member', 'g', '--member-id', before])).status, 0)
  while (worker.memberId === before || worker.assignment().length === 0) await worker.poll(50)
  assert.notEqual(worker.memberId, before)
})

test('who removes a member that is not there learns which there are', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 1)
  await s.member('g', 't', 'worker', { groupInstanceId: 'pod-0' })
  assertPlainFailure(
    await s.run('group remove-member g --instance-id pod-1'),
    /has no member with instance id "pod-1": there are pod-0/,
    4,
  )
  assertPlainFailure(await s.run('group remove-member g --member-id x'), /no member with member id "x": there are /, 4)
  assertPlainFailure(await s.run('group remove-member g'), /--instance-id ID .* or --member-id ID/, 2)
  assertPlainFailure(await s.run('group remove-member nobody --member-id x'), /There is no group "nobody"/, 4)
})
