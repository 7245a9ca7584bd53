import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { loadModules, makePlan, type Plan, runPlan } from '../src/index.js'
import { assertHolds } from './assert-holds.js'

before(loadModules)

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
