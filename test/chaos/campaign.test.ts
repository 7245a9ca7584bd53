import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneByOne, runCampaign } from './campaign.js'
import { worldOnFiles } from './world/on-files.js'

/** Small enough for a busy machine. */
const size = { partitions: 3, writers: 2, copiers: 2, pauseMs: 20, sessionTimeoutMs: 60_000, retentionMs: null }

test('a broker on files loses, doubles and swaps nothing while it is held, ended and killed', async (t) => {
  const world = await worldOnFiles()
  try {
    const { violations, pauses, acknowledged, copied } = await runCampaign({
      world,
      size,
      plot: oneByOne([
        { kind: 'kill -9', broker: 0 },
        { kind: 'copier killed', copier: 0 },
        { kind: 'SIGTERM', broker: 0 },
        { kind: 'SIGSTOP 1 s', broker: 0, ms: 1_000 },
      ]),
      patienceMs: 300_000,
      say: (text) => t.diagnostic(text),
    })
    assert.deepEqual(violations.sentences, [])
    assert.ok(acknowledged > 0 && copied > 0)
    assert.ok(pauses.length > 0)
  } finally {
    await world.close({ keepLogs: false })
  }
})
