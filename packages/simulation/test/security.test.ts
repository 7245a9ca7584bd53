import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { loadModules, type Plan, runPlan } from '../src/index.js'

before(loadModules)

/** Three members that stay, and somebody who writes, for twelve seconds. */
function quietPlan(sessionMs: number): Plan {
  const members = [0, 1, 2].map((number) => ({
    kind: 'member' as const,
    name: `billing-${number}`,
    seed: number,
    startsAt: 100,
    group: 'billing',
    topics: ['orders'],
    strategy: 'cooperative_sticky' as const,
    sessionTimeoutMs: 1_000,
    heartbeatIntervalMs: 200,
    maxPollIntervalMs: 3_000,
    commits: 'after each poll' as const,
    habits: [],
    restlessness: 0,
  }))
  const producer = { kind: 'producer' as const, name: 'producer-0', seed: 3, startsAt: 100 }
  return {
    seed: 1,
    activeMs: 12_000,
    settleMs: 20_000,
    brokerConfig: {},
    topics: [{ name: 'orders', partitions: 4 }],
    actors: [...members, { ...producer, topic: 'orders', everyMs: 100, crashes: false }],
    faults: [],
    security: { mechanism: 'scram-sha-256', sessionMs },
  }
}

for (const sessionMs of [800, 1_500]) {
  test(`sessions of ${sessionMs} ms end again and again, and no group notices`, async () => {
    const joinedAt: number[] = []
    let handshakes = 0
    const { violations } = await runPlan(quietPlan(sessionMs), (line) => {
      if (line.includes('-> JoinGroup')) joinedAt.push(Number.parseFloat(line))
      if (line.includes('-> SaslHandshake')) handshakes++
    })
    assert.deepEqual(violations, [])
    assert.ok(joinedAt.length >= 3)
    assert.deepEqual(
      joinedAt.filter((at) => at > 3_000),
      [],
    )
    assert.ok(handshakes > 50, `${handshakes} logins`)
  })
}
