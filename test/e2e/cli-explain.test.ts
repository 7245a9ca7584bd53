import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.js'
import { assertPlainFailure, cells, scene } from './cli-scene.js'

test('a rebalance is one line of the timeline, and a story when it is explained', async () => {
  await using s = await scene()
  await s.topicWith('orders', 4, 1)
  const first = await s.member('g', 'orders', 'app-1', { groupInstanceId: 'pod-1', heartbeatIntervalMs: 50 })
  await first.close()
  await s.run(['group', 'remove-member', 'g', '--instance-id', 'pod-1', '--reason', 'scaled down'])
  await s.member('g', 'orders', 'app-2')

  await eventually(async () => assert.equal(cells(await s.data('group timeline g')).length, 3))
  const lines = (await s.data('group timeline g')).split('\n')
  assert.match(lines[0]!, /^TIME +GENERATION +CAUSE +WHO +MEMBERS +MOVED +KEPT +TOOK +OUTCOME$/)
  assert.match(lines[1]!, /^20\S+Z +1 +first member +pod-1 +0->1 +\d+ +\d+ +\d+ m?s +stable$/)
  assert.match(lines[2]!, /^20\S+Z +\S+ +admin +pod-1 +1->0 .* emptied$/)
  assert.match(lines[3]!, /^20\S+Z +\d+ +first member +app-2 +0->1 .* stable$/)
  assert.match(
    await s.data('group timeline g --limit 2 -o wide'),
    /admin .* member was removed by an admin: scaled down\n/,
  )
  assert.equal(cells(await s.data('group timeline g --limit 1')).length, 1)
  assert.equal(JSON.parse(await s.data('group timeline g -o json --since 1h')).length, 3)

  const explained = await s.data('group explain g')
  assert.match(explained, /^Group g is stable: 1 member read in generation \d+\.\n\nThe last rebalance was .* ago/)
  assert.match(
    explained.replace(/\s+/g, ' '),
    /Why: app-2 \(member id app-2-\S+, on 127\.0\.0\.1\) was the first member/,
  )
  assert.match(explained, /Assignor: +range was elected with 1 of 1 vote\./)
  assert.match(explained, /In the last hour: 3 rebalances, /)
  const value = JSON.parse(await s.data('group explain g -o json'))
  assert.deepEqual([value.groupId, value.state, value.recent.rebalances], ['g', 'Stable', 3])
  assert.equal(value.last.culprit.clientId, 'app-2')
})

test('what a client calls itself cannot move the cursor of a terminal', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 1)
  await s.member('g', 't', 'evil\u001b[2J')
  await eventually(async () => assert.match(await s.data('group timeline g'), /evil\\x1b\[2J/))
  for (const command of ['explain', 'describe'])
    assert.ok(!(await s.data(`group ${command} g`)).includes('\u001b'), command)
})

test('where nothing is recorded, it says so', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 1)
  for (const command of ['timeline', 'explain'])
    assertPlainFailure(await s.run(`group ${command} nobody`), /There is no group "nobody"/, 4)
  await s.member('g', 't')
  await eventually(async () => assert.equal(cells(await s.data('group timeline g')).length, 1))
  assertPlainFailure(await s.run('group explain nobody'), /There is no group "nobody", and none is recorded/, 4)
  assert.match((await s.run('group timeline g --since 2999-01-01')).words, /No rebalance of group "g" since 2999/)
  const wrong = await s.run('group timeline g --since soon')
  assert.deepEqual([wrong.status, /is written as/.test(wrong.words)], [2, true])
})
