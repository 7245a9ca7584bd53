import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { loadModules, makePlan, makeStorm, type Plan, runPlan } from '../src/index.js'

before(loadModules)

/** Storms that have been, of all tests below. */
const storms = { seed: 0, rebalances: 0 }

// In parts, so that on a busy machine a test ends now and then.
for (let part = 1; part <= 10; part++) {
  test(`10,000 rebalances of groups whose members hardly stay break no promise: ${part} of 10 parts`, async (context) => {
    while (storms.rebalances < part * 1000) {
      const outcome = await runPlan(makeStorm(++storms.seed))
      assert.deepEqual(outcome.violations, [], `storm of seed ${storms.seed}`)
      storms.rebalances += outcome.rebalances
    }
    context.diagnostic(`${storms.rebalances} rebalances`)
  })
}

for (const first of [1, 51, 101]) {
  test(`groups and transactions hold what they promise through crashes, cut lines, failing disks and jumping clocks: seeds from ${first} on`, async () => {
    for (let seed = first; seed < first + 50; seed++) {
      const { violations } = await runPlan(makePlan(seed))
      assert.deepEqual(violations, [], `npm run simulate -- --seed ${seed} --trace`)
    }
  })
}

test('a seed gives the same history each time', async () => {
  for (const seed of [3, 5, 8]) {
    const first = await linesOf(seed)
    assert.deepEqual(await linesOf(seed), first)
    assert.ok(first.length > 200)
  }
})

/** Plans that met bugs which campaigns found. `mutants/` can put each of these bugs back. */
const plans = join(import.meta.dirname, '../../test/plans')

for (const file of readdirSync(plans)) {
  test(`plan ${file}`, async () => {
    const plan = JSON.parse(readFileSync(join(plans, file), 'utf8')) as Plan
    assert.deepEqual((await runPlan(plan)).violations, [])
  })
}

async function linesOf(seed: number): Promise<string[]> {
  const lines: string[] = []
  const { traceHash } = await runPlan(makePlan(seed), (line) => lines.push(line))
  return [...lines, traceHash]
}
