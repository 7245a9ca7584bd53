import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCampaign } from './campaign.js'
import { figuresOf } from './figures.js'
import { reportOf } from './report.js'

test('hostile clients of all kinds harm neither the broker nor those beside them', { timeout: 600_000 }, async (t) => {
  const seed = 1 + Math.floor(Math.random() * 1e9)
  t.diagnostic(`seed ${seed}`)
  // Others' tests run beside it: fewer attacks than `npm run hostile` has, and sessions as clients have them by default.
  const crowd = { connections: 300, pace: 20, only: '', without: null, waitsFor: 'liveMib' } as const
  const say = (text: string) => t.diagnostic(text)
  const result = await runCampaign({ ...crowd, minutes: 2, seed, sessionTimeoutMs: 45_000, recordsPerSecond: 10, say })
  const figures = figuresOf(result)
  const missed = figures.filter(({ isReached, isOfMachine }) => !isReached && !isOfMachine)
  assert.deepEqual(missed, [], reportOf(result, figures))
})
