import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime } from '@rivven/fakes'
import { askAgain } from '../../src/net/ask-again.js'

interface Call {
  resolve(answer: string): void
  reject(error: Error): void
}

/** Calls that are answered by hand. */
function scene(times: number) {
  const { clock } = fakeRuntime()
  const calls: Call[] = []
  const ask = () => new Promise<string>((resolve, reject) => calls.push({ resolve, reject }))
  return { clock, calls, asking: askAgain(ask, { clock, times, patienceMs: 100 }) }
}

test('what is answered in time is asked once', async () => {
  const { clock, calls, asking } = scene(3)
  await clock.advance(99)
  calls[0]!.resolve('first')
  assert.equal(await asking, 'first')
  await clock.advance(1_000)
  assert.equal(calls.length, 1)
})

test('what takes long is asked again beside it, so often and no more, and any of the calls may answer', async () => {
  const { clock, calls, asking } = scene(3)
  await clock.advance(1_000)
  assert.equal(calls.length, 3)
  calls[1]!.resolve('second')
  assert.equal(await asking, 'second')
})

test('it ends as the first call fails, not as those that were made beside it', async () => {
  const { clock, calls, asking } = scene(3)
  const failing = assert.rejects(asking, { message: 'the first' })
  await clock.advance(150)
  calls[1]!.reject(new Error('the second'))
  await clock.advance(10)
  calls[0]!.reject(new Error('the first'))
  await failing
  await clock.advance(1_000)
  assert.equal(calls.length, 2, 'nobody asks after that')
})
