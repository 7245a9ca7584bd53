// Random programs of faults and changes. While they run at most one broker answers for a partition and no term is opened twice
// (test-cluster, test-led look at every step); when all is well again everything is served, spread, and seen the same by all.
// RANDOM_RUNS=5000 for more than npm test has time for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyStep, take } from './random-steps.js'
import { TestCluster } from './test-cluster.js'

async function heal(test: TestCluster): Promise<void> {
  for (const [at, process] of test.last.entries()) {
    const { life, led } = process
    life.cut = 'none'
    life.resume()
    led.busy.clear()
    led.settleGroups()
    if (test.leaving.has(process)) test.killProcess(at)
    await test.restartProcess(at)
  }
  await test.pass(12_000)
  for (const id of [1, 2, 3]) await test.passing(test.broker(1).cluster.drain(id, false))
  await test.pass(20_000)
}

function mustBeWell(test: TestCluster): void {
  const [image, ...others] = test.last.map(({ cluster }) => cluster.image)
  assert.deepEqual([...(image?.brokers.keys() ?? [])], [1, 2, 3])
  for (const other of others) assert.deepEqual(other, image)
  for (const name of image?.topics.keys() ?? []) {
    const leaders = test.leaders(name)
    assert.ok(!leaders.includes(null), `${name} is served: ${leaders}`)
    const counts = [1, 2, 3].map((id) => leaders.filter((leader) => leader === id).length)
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${name} is spread: ${leaders}`)
  }
}

test('whatever happens, one broker at most answers for a partition; and when it is over all are served and spread', async () => {
  const numRuns = Number(process.env.RANDOM_RUNS ?? 15)
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 60 }), async (steps) => {
      const cluster = await TestCluster.of(3)
      for (const step of steps) await take(cluster, step)
      await heal(cluster)
      mustBeWell(cluster)
    }),
    { numRuns, includeErrorInReport: true },
  )
})
