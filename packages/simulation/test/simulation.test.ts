import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { loadModules, makePlan, type Plan, runCampaign, runPlan } from '../src/index.js'

before(loadModules)

/** In a process of its own: what the test runner notes of each promise costs a third of a seed's time. */
async function assertHolds(what: string, from: number, seeds: number, choices: 'storms' | object): Promise<number> {
  const { failure, rebalances } = await runCampaign({ from, seeds, choices, processes: 1 })
  assert.deepEqual(failure?.outcome.violations ?? [], [], `${what} ${failure?.seed}`)
  return rebalances
}

/** In parts, so that on a busy machine a test ends now and then. */
const parts = 10
const stormsEach = 18
let rebalances = 0

for (let part = 1; part <= parts; part++) {
  test(`10,000 rebalances of groups whose members hardly stay break no promise: ${part} of ${parts} parts`, async (context) => {
    rebalances += await assertHolds('storm of seed', 1 + (part - 1) * stormsEach, stormsEach, 'storms')
    context.diagnostic(`${rebalances} rebalances`)
    if (part === parts) assert.ok(rebalances >= 10_000, `${rebalances} rebalances`)
  })
}

for (const first of [1, 51, 101]) {
  test(`groups and transactions hold what they promise through crashes, cut lines, failing disks and jumping clocks: seeds from ${first} on`, async () => {
    await assertHolds('npm run simulate -- --trace --seed', first, 50, {})
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
