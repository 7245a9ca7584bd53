import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@rivven/fakes'
import { LeftOvers } from '../../../src/consumer/group/left-overs.js'

/** A leader whose looks at the group are answered in turn. */
function leader(...answers: (boolean | null | Error)[]) {
  const clock = new FakeClock()
  const seen = { looks: 0, reminders: 0 }
  const look = async () => {
    seen.looks++
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer ?? null
  }
  const leftOvers = new LeftOvers({ clock, patienceMs: 100, look, remind: () => seen.reminders++ })
  return { clock, leftOvers, seen }
}

test('partitions that nobody has taken after a while are reminded of, once', async () => {
  const { clock, leftOvers, seen } = leader(true)
  leftOvers.expectRebalance()
  await clock.advance(99)
  assert.deepEqual(seen, { looks: 0, reminders: 0 })
  await clock.advance(500)
  assert.deepEqual(seen, { looks: 1, reminders: 1 })
})

test('where all partitions have owners by then, nothing is said', async () => {
  const { clock, leftOvers, seen } = leader(false)
  leftOvers.expectRebalance()
  await clock.advance(500)
  assert.deepEqual(seen, { looks: 1, reminders: 0 })
})

test('a coordinator that cannot say now is asked again', async () => {
  const { clock, leftOvers, seen } = leader(null, new Error('no connection'), true)
  leftOvers.expectRebalance()
  await clock.advance(500)
  assert.deepEqual(seen, { looks: 3, reminders: 1 })
})

test('what a look finds is worth nothing once the group has rebalanced', async () => {
  const clock = new FakeClock()
  let answer: ((isIncomplete: boolean) => void) | undefined
  let reminders = 0
  const look = () =>
    new Promise<boolean>((resolve) => {
      answer = resolve
    })
  const leftOvers = new LeftOvers({ clock, patienceMs: 100, look, remind: () => reminders++ })
  leftOvers.expectRebalance()
  await clock.advance(100)
  leftOvers.stop()
  answer?.(true)
  await clock.advance(500)
  assert.equal(reminders, 0)
})
