import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { loadModules, makePlan, type Plan, runPlan } from '../src/index.js'

before(loadModules)

test('groups and transactions hold what they promise on three brokers, through what befalls these and their database', async () => {
  for (const seed of [1, 2, 3]) {
    const { violations } = await runPlan(makePlan(seed, { brokers: 3 }))
    assert.deepEqual(violations, [], `npm run simulate -- --seed ${seed} --brokers 3 --trace`)
  }
})

test('a fourth broker joins, gets its share of all topics, and no group notices', async () => {
  const plan = makePlan(2, { brokers: 3, faults: [] })
  const { violations } = await runPlan({ ...plan, cluster: { brokers: 3, joinsAt: plan.activeMs / 2 } })
  assert.deepEqual(violations, [])
})

test('every fourth seed has three brokers', () => {
  const plans = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => makePlan(seed))
  assert.deepEqual(
    plans.filter(({ cluster }) => cluster).map(({ seed, cluster }) => [seed, cluster?.brokers]),
    [
      [4, 3],
      [8, 3],
    ],
  )
})

test('a seed with three brokers gives the same history each time', async () => {
  const plan = makePlan(5, { brokers: 3 })
  const first = await linesOf(plan)
  assert.deepEqual(await linesOf(plan), first)
  assert.ok(first.length > 200)
})

test('a seed with three brokers has the actors of the one without, and a quiet group more', () => {
  const [alone, shared] = [makePlan(7), makePlan(7, { brokers: 3 })]
  assert.equal(alone.cluster, undefined)
  assert.deepEqual(shared.actors.slice(0, alone.actors.length), alone.actors)
  assert.ok(shared.actors.slice(alone.actors.length).every(({ name }) => name.startsWith('quiet-')))
})

async function linesOf(plan: Plan): Promise<string[]> {
  const lines: string[] = []
  const { traceHash } = await runPlan(plan, (line) => lines.push(line))
  return [...lines, traceHash]
}
