import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime } from '@rivven/fakes'
import { ErrorCode, FindCoordinator, Heartbeat } from '@rivven/protocol'
import type { HeartbeatNews } from '../../../src/consumer/heartbeats/heartbeat-messages.js'
import { run } from '../../../src/consumer/heartbeats/heartbeat-task.js'
import { PollBoard } from '../../../src/consumer/heartbeats/poll-board.js'
import { heardError } from '../../../src/consumer/heartbeats/told-error.js'
import { Cluster } from '../../../src/net/cluster.js'
import { SaslCluster, tinyPassword } from '../../support/sasl-cluster.js'

/** Heartbeats of a member, one in 100 ms, and what they tell. */
function beating() {
  const runtime = fakeRuntime()
  const tiny = new SaslCluster(runtime.network)
  const coordinator = { broker: 0, address: { host: 'broker-0', port: 9000 } }
  tiny.scripts.set(FindCoordinator, () => {
    return { coordinators: [{ key: 'g', nodeId: 0, ...coordinator.address }] }
  })
  tiny.scripts.set(Heartbeat, () => ({}))
  const sasl = { mechanism: 'scram-sha-256', username: 'alice', password: tinyPassword } as const
  const { access } = new Cluster({ bootstrapServers: tiny.bootstrapServers, runtime, sasl })
  const limits = { heartbeatIntervalMs: 100, sessionTimeoutMs: 1_000, maxPollIntervalMs: 60_000 }
  const told: HeartbeatNews[] = []
  // What is copied between threads is all that is heard.
  const tell = (news: HeartbeatNews) => void told.push(structuredClone(news))
  const input = { access, groupId: 'g', groupInstanceId: null, ...limits, polls: new PollBoard().memory }
  const member = { memberId: 'm', generationId: 1 }
  run(input, tell, runtime).received({ kind: 'beat', member, coordinator })
  return { clock: runtime.clock, tiny, told, member }
}

test('heartbeats that are not allowed any more are told, each time, until they are allowed again', async () => {
  const { clock, tiny, told, member } = beating()
  await clock.advance(250)
  assert.equal(told.length, 0)
  tiny.scripts.set(Heartbeat, () => ({ errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }))
  await clock.advance(250)
  const [first] = told
  assert.ok(first?.kind === 'failed' && told.length > 1)
  assert.deepEqual(first.member, member)
  const error = heardError(first.error)
  assert.equal(error.code, 'AUTHORIZATION_FAILED')
  assert.equal(error.errorCode, ErrorCode.GROUP_AUTHORIZATION_FAILED)
  assert.match(error.message, /^A heartbeat to group g failed.*READ on group g\.$/)
  assert.equal(error.facts.group, 'g')
  tiny.scripts.set(Heartbeat, () => ({}))
  await clock.advance(100)
  const count = told.length
  await clock.advance(1_000)
  assert.equal(told.length, count)
})

test('heartbeats that nobody can log in for are told', async () => {
  const { clock, tiny, told } = beating()
  tiny.password = 'another-secret'
  for (let step = 0; step < 10 && told.length === 0; step++) await clock.advance(100)
  assert.ok(told[0]?.kind === 'failed')
  assert.equal(heardError(told[0].error).code, 'AUTHENTICATION_FAILED')
  assert.match(heardError(told[0].error).message, /Check the credentials in sasl/)
})

test('what passes by itself is not told', async () => {
  const { clock, tiny, told } = beating()
  tiny.scripts.set(Heartbeat, () => ({ errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS }))
  await clock.advance(300)
  tiny.scripts.set(Heartbeat, () => ({ errorCode: ErrorCode.NOT_COORDINATOR }))
  await clock.advance(300)
  const { fate } = tiny
  tiny.fate = (asked) => (asked.api === Heartbeat ? 'close before' : fate(asked))
  await clock.advance(300)
  assert.equal(told.length, 0)
})
