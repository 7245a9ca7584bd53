import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock, SeededRandom, settle } from '@rivven/fakes'
import { HeartbeatLoop } from '../../../src/consumer/heartbeats/heartbeat-loop.js'

/** A loop of one heartbeat in 3 s; `beats` are the times at which they left. */
function loopWith(answer: () => Promise<void> = async () => undefined) {
  const clock = new FakeClock()
  const beats: number[] = []
  const beat = () => {
    beats.push(clock.monotonic())
    return answer()
  }
  const pace = { intervalMs: 3000, retryBackoffMs: 100, maxRetryBackoffMs: 1000 }
  return { clock, beats, loop: new HeartbeatLoop({ clock, random: new SeededRandom(1), ...pace, beat }) }
}

test('heartbeats leave once in an interval, from one interval after the start until the stop', async () => {
  const { clock, beats, loop } = loopWith()
  loop.start()
  loop.start()
  await clock.advance(9500)
  loop.stop()
  await clock.advance(9000)
  assert.deepEqual(beats, [3000, 6000, 9000])
})

test('one that failed is tried again soon, and then less and less soon', async () => {
  const { clock, beats, loop } = loopWith(async () => {
    throw new Error('no answer')
  })
  loop.start()
  await clock.advance(4000)
  const pauses = beats.slice(1).map((at, index) => Math.round((at - beats[index]!) / 100))
  assert.ok(beats.length >= 3 && beats.length <= 6, `${beats}`)
  assert.ok(pauses[0]! <= 2 && pauses[1]! > pauses[0]! - 1, `${pauses}`)
})

test('a hint makes the next one leave at once, and the interval counts from there', async () => {
  const { clock, beats, loop } = loopWith()
  loop.start()
  await clock.advance(1000)
  loop.soon()
  await clock.advance(3500)
  assert.deepEqual(beats, [1000, 4000])
})

test('however many hints come, heartbeats are 50 ms apart', async () => {
  const { clock, beats, loop } = loopWith()
  loop.start()
  for (let step = 0; step < 12; step++) {
    loop.soon()
    loop.soon()
    await clock.advance(10)
  }
  assert.deepEqual(beats, [0, 50, 100])
})

test('a hint during a heartbeat is heeded when that is answered', async () => {
  let answered: () => void = () => assert.fail('nothing was sent')
  const { clock, beats, loop } = loopWith(
    () =>
      new Promise<void>((resolve) => {
        answered = resolve
      }),
  )
  loop.start()
  loop.soon()
  await clock.advance(70)
  loop.soon()
  await clock.advance(100)
  assert.deepEqual(beats, [0])
  answered()
  await settle()
  await clock.advance(1)
  assert.deepEqual(beats, [0, 170])
})

test('no hint brings back a loop that was stopped', async () => {
  const { clock, beats, loop } = loopWith()
  loop.start()
  loop.stop()
  loop.soon()
  await clock.advance(10_000)
  assert.deepEqual(beats, [])
})
