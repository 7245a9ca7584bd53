import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppendClock } from '../../src/log/state/append-clock.js'
import { chance } from '../chance.js'

test('the first batch of a second has its time to the millisecond, those behind it that of a second', () => {
  const clock = new AppendClock()
  clock.opened({ fromOffset: 0, endOffset: 0 }, 5_000)
  clock.note(0, 5_000)
  clock.note(10, 5_400)
  clock.note(20, 6_000)
  assert.deepEqual(clock.boundsOf(0), { from: 5_000, to: 5_000 })
  assert.deepEqual(clock.boundsOf(10), { from: 5_000, to: 6_000 })
  assert.deepEqual(clock.boundsOf(20), { from: 6_000, to: 6_000 })
  assert.equal(clock.marks.length, 2)
})

test('what came before a pause did not come at its end', () => {
  const clock = new AppendClock()
  clock.note(0, 5_000)
  clock.note(1, 5_300)
  clock.note(2, 900_000)
  assert.deepEqual(clock.boundsOf(1), { from: 5_000, to: 6_000 })
})

test('a clock that goes back makes no time go back', () => {
  const clock = new AppendClock()
  clock.note(0, 10_000)
  clock.note(1, 4_000)
  clock.note(2, 12_000)
  assert.deepEqual(clock.boundsOf(1), { from: 10_000, to: 11_000 })
  assert.deepEqual(clock.boundsOf(2), { from: 12_000, to: 12_000 })
})

test('what nobody wrote down came between the last mark and the start', () => {
  const clock = new AppendClock()
  clock.note(0, 1_000)
  const later = new AppendClock()
  later.restore(clock.marks)
  later.opened({ fromOffset: 5, endOffset: 9 }, 60_000)
  later.note(9, 60_500)
  assert.deepEqual(later.boundsOf(0), { from: 1_000, to: 1_000 })
  assert.deepEqual(later.boundsOf(3), { from: 1_000, to: 2_000 })
  assert.deepEqual(later.boundsOf(5), { from: 1_000, to: 60_000 })
  assert.deepEqual(later.boundsOf(8), { from: 1_000, to: 60_000 })
  assert.deepEqual(later.boundsOf(9), { from: 60_500, to: 60_500 })
})

test('offsets before the first mark came some time before it', () => {
  const clock = new AppendClock()
  clock.note(40, 7_000)
  assert.deepEqual(clock.boundsOf(39), { from: 0, to: 7_000 })
})

test('what lies before the start of the log is forgotten, what tells of its first batch is not', () => {
  const clock = new AppendClock()
  for (let at = 0; at < 10; at++) clock.note(at * 10, at * 1_000)
  clock.dropBefore(45)
  assert.deepEqual(
    clock.marks.map(({ offset }) => offset),
    [40, 50, 60, 70, 80, 90],
  )
})

test('a week of appends takes 256 marks, and each batch is known to a second or a tenth of its age', (t) => {
  const seed = Number(process.env.SEED ?? 1 + (process.pid % 1_000))
  t.diagnostic(`SEED=${seed}`)
  const below = chance(seed)
  const clock = new AppendClock()
  const batches: { offset: number; at: number }[] = []
  const begin = 1_700_000_000_000
  let now = begin
  for (let offset = 0; now < begin + 604_800_000; offset += 3) {
    now += below(1_000) === 0 ? below(3_600_000) : below(20_000)
    clock.note(offset, now)
    batches.push({ offset, at: now })
  }
  assert.ok(clock.marks.length <= 256)
  for (const { offset, at } of batches) {
    const { from, to } = clock.boundsOf(offset)
    assert.ok(from <= at && at <= to, `${offset} came at ${at}, not in ${from}-${to}`)
    assert.ok(to - from <= Math.max(1_000, 0.1 * (now - from)), `${to - from} of ${now - from}`)
  }
})
