import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '@rivven/runtime'
import { listDocument } from '../../src/storage/stored-document.js'

/** A clock by which everything takes `stepMs`; counts how often others have their turn. */
function slowClock(stepMs: number) {
  const seen = { turns: 0 }
  let now = 0
  const clock: Clock = {
    now: () => now,
    monotonic: () => {
      now += stepMs
      return now
    },
    setTimer: (_, callback) => {
      seen.turns++
      queueMicrotask(callback)
      return { cancel: () => undefined }
    },
  }
  return { clock, seen }
}

for (const count of [0, 1, 2, 7]) {
  test(`a list of ${count} is the same, in one go and with turns of others between`, async () => {
    const items = Array.from({ length: count }, (_, at) => ({ at, text: 'ä\n"' }))
    for (const [stepMs, turns] of [
      [0, 0],
      [5, count],
    ] as const) {
      const { clock, seen } = slowClock(stepMs)
      const document = await listDocument(
        '{"version":1,"list":',
        items.map((item) => JSON.stringify(item)),
        clock,
      )
      assert.deepEqual(JSON.parse(String(document)), { version: 1, list: items })
      assert.equal(seen.turns, turns)
    }
  })
}
