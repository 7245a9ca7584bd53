import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestCluster } from './test-cluster.js'

test('one of the brokers sweeps the database every ten seconds, the next one when it is gone', async () => {
  const test = await TestCluster.of(3)
  for (const { cluster } of test.all) cluster.openLogs({ clock: test.clock })
  const sweeps = () => test.all.map(({ life }) => life.calls.filter((call) => call === 'sweep').length)
  await test.pass(21_000)
  assert.deepEqual(sweeps(), [2, 0, 0])
  test.kill(1)
  await test.pass(10_000)
  assert.deepEqual(sweeps(), [2, 1, 0])
})

test('while the database is away nothing is swept, and nobody complains', async () => {
  const test = await TestCluster.of(1)
  const { cluster, life } = test.broker(1)
  cluster.openLogs({ clock: test.clock })
  await test.pass(9_900)
  life.cut = 'calls'
  await test.pass(30_000)
  life.cut = 'none'
  await test.passUntil(() => cluster.isServing)
  await test.pass(10_000)
  assert.equal(life.calls.filter((call) => call === 'sweep').length, 2)
})
