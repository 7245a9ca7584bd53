import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneByOne, runCampaign } from './campaign.js'
import { worldOnServer } from './world/on-postgres.js'

/** Small enough for a busy machine. */
const size = { partitions: 6, writers: 2, copiers: 2, pauseMs: 20, sessionTimeoutMs: 60_000, retentionMs: null }

const world = await worldOnServer(3)
const skip = typeof world === 'string' && world

test('three brokers on PostgreSQL lose, double and swap nothing, whatever ends, and no group rebalances', {
  skip,
}, async (t) => {
  assert.ok(typeof world !== 'string')
  try {
    const { violations, groups, acknowledged, copied } = await runCampaign({
      world,
      size,
      plot: oneByOne([
        { kind: 'kill -9', broker: 0 },
        { kind: 'copier killed', copier: 0 },
        { kind: 'SIGSTOP 5 s', broker: 1, ms: 5_000 },
        { kind: 'SIGTERM', broker: 2 },
        { kind: 'database restart' },
      ]),
      patienceMs: 300_000,
      say: (text) => t.diagnostic(text),
    })
    assert.deepEqual(violations.sentences, [])
    assert.deepEqual(
      groups.map(({ rebalances }) => rebalances),
      [0, 0],
    )
    assert.ok(acknowledged > 0 && copied > 0)
  } finally {
    await world.close({ keepLogs: false })
  }
})
