import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figuresOf } from './figures.js'
import { Sequences } from './groups/sequences.js'
import { reportOf } from './report.js'
import { growthPerHour } from './slope.js'
import { fewest, runSoak, timersOf } from './soak.js'

test('groups whose members come and go lose nothing, and read nothing twice', {
  timeout: 600_000,
}, async (t) => {
  const seed = 1 + Math.floor(Math.random() * 1e9)
  t.diagnostic(`seed ${seed}`)
  const few = { groups: 6, members: 2, changesPerHour: 7_200, recordsPerSecond: 10, warmUpMinutes: 0.02, restMs: 0 }
  const outcome = await runSoak({ ...few, minutes: 0.12, seed, say: (text) => t.diagnostic(text) })
  const figures = figuresOf(outcome)
  const missed = figures.filter(({ isReached, isOfMachine }) => !isReached && !isOfMachine)
  assert.deepEqual(missed, [], reportOf(outcome, figures))
  assert.ok(outcome.groups.changes > 0 && outcome.groups.rebalances >= 2 * outcome.groups.changes)
})

test('of timers there are the fewest of each kind, however many are under way at each look', () => {
  const look = (timers: Record<string, number>, descriptors: number) => ({ timers, descriptors, live_mib: 1 })
  const least = fewest([look({ kept: 5, tries: 9 }, 4), look({ kept: 4, calls: 7 }, 3), look({ kept: 6, tries: 2 }, 5)])
  assert.deepEqual(least, look({ kept: 4 }, 3))
  assert.equal(timersOf(least), 4)
})

test('growth is a line through all samples, in percent an hour of what there was at first', () => {
  const everyMinute = (of: (minute: number) => number) =>
    Array.from({ length: 61 }, (_, minute) => ({ ms: minute * 60_000, value: of(minute) }))
  assert.equal(growthPerHour([]), 0)
  assert.equal(growthPerHour(everyMinute(() => 100)), 0)
  assert.ok(Math.abs(growthPerHour(everyMinute((minute) => 200 + minute / 30)) - 1) < 1e-9)
  const comesAndGoes = growthPerHour(everyMinute((minute) => 100 + (minute % 2)))
  assert.ok(Math.abs(comesAndGoes) < 0.01, String(comesAndGoes))
})

test('what comes again, and what is passed over, is counted by partition', () => {
  const sequences = new Sequences()
  for (const [partition, sequence] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [0, 1],
    [0, 4],
    [0, 2],
  ] as const)
    sequences.read(partition, sequence)
  const { seen, twice, skipped } = sequences
  assert.deepEqual({ seen, twice, skipped, next: sequences.next(0) }, { seen: 4, twice: 2, skipped: 2, next: 5 })
})
