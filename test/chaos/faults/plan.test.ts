import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planFaults } from './plan.js'

const size = { seconds: 75, brokers: 3, copiers: 4, hasDatabase: true, hasStandby: true }

test('a seed says which faults come when: one every three seconds, every tenth a fail-over', () => {
  const plan = planFaults({ ...size, seed: 7 })
  assert.deepEqual(plan, planFaults({ ...size, seed: 7 }))
  assert.notDeepEqual(plan, planFaults({ ...size, seed: 8 }))
  assert.deepEqual(
    plan.map(({ at }) => at),
    Array.from({ length: 24 }, (_, count) => 3_000 * (count + 1)),
  )
  assert.deepEqual(
    plan.filter(({ kind }) => kind === 'fail-over').map(({ at }) => at),
    [30_000, 60_000],
  )
})

test('every kind of fault comes, to every broker and copier; without a database none of its faults', () => {
  const seeds = Array.from({ length: 20 }, (_, seed) => seed)
  const all = seeds.flatMap((seed) => planFaults({ ...size, seed }))
  assert.equal(new Set(all.map(({ kind }) => kind)).size, 7)
  assert.deepEqual(new Set(all.flatMap((fault) => ('broker' in fault ? [fault.broker] : []))), new Set([0, 1, 2]))
  assert.deepEqual(new Set(all.flatMap((fault) => ('copier' in fault ? [fault.copier] : []))), new Set([0, 1, 2, 3]))
  const without = seeds.flatMap((seed) => planFaults({ ...size, hasDatabase: false, hasStandby: false, seed }))
  assert.ok(without.every(({ kind }) => kind !== 'database restart' && kind !== 'fail-over'))
})
