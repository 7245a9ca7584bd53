import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock, SeededRandom, settle } from '@rivven/fakes'
import { RivvenError } from '../../src/errors/errors.js'
import { retry } from '../../src/retry/retry.js'

const retriable = () => new RivvenError('LEADER_NOT_AVAILABLE', 'No leader.', { retriable: true })

function options(clock: FakeClock) {
  return { clock, random: new SeededRandom(1), what: 'Trying', timeoutMs: 10_000 }
}

test('what fails for now is tried again until it succeeds', async () => {
  const clock = new FakeClock()
  let attempts = 0
  const result = retry(options(clock), async () => {
    if (++attempts < 4) throw retriable()
    return 'done'
  })
  assert.equal(await clock.until(result), 'done')
  assert.equal(attempts, 4)
})

test('what fails for good is not tried again', async () => {
  const clock = new FakeClock()
  let attempts = 0
  const result = retry(options(clock), async () => {
    attempts++
    throw new RivvenError('INVALID_CONFIG', 'Bad value.')
  })
  await assert.rejects(result, { code: 'INVALID_CONFIG' })
  assert.equal(attempts, 1)
})

test('after the deadline the error says what was tried and what the last failure was', async () => {
  const clock = new FakeClock()
  const result = retry(options(clock), async () => {
    throw retriable()
  })
  const error = await clock.until(result.catch((error) => error))
  assert.equal(error.code, 'TIMED_OUT')
  assert.match(error.message, /^Trying did not succeed in 10000 ms\. Last: No leader\.$/)
  assert.equal(error.cause.code, 'LEADER_NOT_AVAILABLE')
  assert.ok(error.facts.attempts > 5)
  assert.ok(clock.monotonic() <= 10_000)
})

test('an abort ends the pause between two attempts', async () => {
  const clock = new FakeClock()
  const controller = new AbortController()
  const result = retry({ ...options(clock), signal: controller.signal }, async () => {
    throw retriable()
  })
  result.catch(() => undefined)
  await settle()
  controller.abort()
  await assert.rejects(result, { code: 'ABORTED' })
  assert.equal(clock.pending, 0)
})
