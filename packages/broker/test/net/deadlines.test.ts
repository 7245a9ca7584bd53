import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deadlines, type Waiting } from '../../src/net/deadlines.js'
import { TestClock } from '../coordinator/test-clock.js'

function waiting(look: (now: number) => number | undefined = () => undefined): Waiting {
  return { look }
}

test('whoever is due is looked at in order of time, one sweep a second at most', async () => {
  const clock = new TestClock()
  const deadlines = new Deadlines(clock)
  const begin = clock.monotonic()
  const looked: [string, number][] = []
  const add = (name: string, ms: number) =>
    deadlines.by(
      waiting((now) => void looked.push([name, now - begin])),
      begin + ms,
    )
  add('c', 900)
  add('a', 100)
  add('d', 5_000)
  add('b', 101)
  await clock.advance(10_000)
  assert.deepEqual(looked, [
    ['a', 101],
    ['b', 101],
    ['c', 1_102],
    ['d', 5_001],
  ])
})

test('an earlier time counts, a later one is of no interest, and who is forgotten is not looked at', async () => {
  const clock = new TestClock()
  const deadlines = new Deadlines(clock)
  const begin = clock.monotonic()
  const looks: number[] = []
  const one = waiting((now) => void looks.push(now - begin))
  const gone = waiting(() => assert.fail('it was forgotten'))
  deadlines.by(one, begin + 5_000)
  deadlines.by(gone, begin + 1_000)
  deadlines.by(one, begin + 9_000)
  deadlines.by(one, begin + 2_000)
  deadlines.forget(gone)
  await clock.advance(20_000)
  assert.deepEqual(looks, [2_002])
  assert.equal(deadlines.count, 0)
})

test('who says when to look again is looked at then, and not twice in one sweep', async () => {
  const clock = new TestClock()
  const deadlines = new Deadlines(clock)
  let looks = 0
  deadlines.by(
    waiting((now) => {
      looks += 1
      return now
    }),
    clock.monotonic(),
  )
  await clock.advance(10_500)
  assert.ok(looks >= 10 && looks <= 11, `${looks} looks in ten seconds`)
})

test('ten thousand deadlines are one timer, kept in order whatever comes and goes', async () => {
  const clock = new TestClock()
  let timers = 0
  const setTimer = clock.setTimer.bind(clock)
  clock.setTimer = (ms, callback) => {
    timers += 1
    return setTimer(ms, callback)
  }
  const deadlines = new Deadlines(clock)
  const begin = clock.monotonic()
  const seen: number[] = []
  let seed = 7
  const all = Array.from({ length: 10_000 }, () => {
    seed = (seed * 48_271) % 2_147_483_647
    const due = 1_000 + (seed % 10_000)
    const one = waiting(() => void seen.push(due))
    deadlines.by(one, begin + due)
    return one
  })
  for (let at = 0; at < all.length; at += 3) deadlines.forget(all[at] as Waiting)
  await clock.advance(12_000)
  assert.equal(seen.length, 6_666)
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  )
  assert.ok(timers < 100, `${timers} timers`)
})
