import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock, SeededRandom } from '@rivven/fakes'
import { RivvenError } from '../../src/errors/errors.js'
import { backoff, Pauses, standsFor, tooSoon } from '../../src/retry/pauses.js'

const refused = new RivvenError('CONNECTION_FAILED', 'Nobody is there.', { retriable: true, hint: 'Start a broker.' })

test('pauses double up to the limit, and differ by chance', () => {
  const random = new SeededRandom(7)
  const pauses = [1, 2, 3, 4, 5, 6].map((attempts) => backoff(attempts, { random }))
  const expected = [100, 200, 400, 800, 1000, 1000]
  for (const [index, pause] of pauses.entries()) assert.ok(Math.abs(pause / expected[index]! - 1) <= 0.2, String(pause))
  assert.notEqual(pauses[4], pauses[5])
})

test('what came too soon for a connection is made up for as soon as that may be tried, and counts as no failure', async () => {
  const clock = new FakeClock()
  const pauses = new Pauses({ clock, random: new SeededRandom(3) })
  for (let failures = 1; failures <= 4; failures++) pauses.after(refused)
  assert.equal(pauses.after(tooSoon(refused, clock.monotonic() + 70)), 70)
  assert.ok(pauses.after(tooSoon(refused, clock.monotonic() + 5_000)) <= 960)
  assert.ok(pauses.after(refused) >= 800)
  pauses.end()
  assert.ok(pauses.after(refused) <= 120)
})

test('an error for many tries came too soon if all of them did, and then for the first that may be made', () => {
  const clock = new FakeClock()
  const pauses = new Pauses({ clock, random: new SeededRandom(3), backoffMs: 1_000 })
  const early = [tooSoon(refused, 300), tooSoon(refused, 200)]
  const all = () => new RivvenError('NO_BROKER_REACHABLE', 'No broker could be reached.', { retriable: true })
  assert.equal(pauses.after(standsFor(all(), early)), 200)
  assert.ok(pauses.after(standsFor(all(), [...early, refused])) >= 800)
  assert.ok(pauses.after(standsFor(all(), [])) >= 800)
})

test('an error that came too soon says what the try before it has met', () => {
  const error = tooSoon(refused, 100)
  const { code, message, hint, retriable } = refused
  assert.deepEqual([error.code, error.message, error.hint, error.retriable], [code, message, hint, retriable])
})
