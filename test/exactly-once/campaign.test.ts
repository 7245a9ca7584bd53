import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCampaign } from './campaign.js'

test('a topic is copied exactly once while a copier and the broker are killed', { timeout: 60_000 }, async (t) => {
  const small = { messages: 3000, partitions: 3, copiers: 2, perTransaction: 100, clientKills: 1 }
  const brokerKills = process.env.RIVVEN_TEST_KAFKA ? 0 : 1
  const times = { sessionTimeoutMs: process.env.RIVVEN_TEST_KAFKA ? 6000 : 1500, patienceMs: 25_000 }
  const { lost, twice, outOfOrder, aborted } = await runCampaign({ ...small, ...times, brokerKills }, (text) =>
    t.diagnostic(text),
  )
  assert.deepEqual({ lost, twice, outOfOrder, aborted }, { lost: 0, twice: 0, outOfOrder: 0, aborted: 0 })
})
