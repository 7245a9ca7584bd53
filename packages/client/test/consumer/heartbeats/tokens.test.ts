import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime } from '@rivven/fakes'
import {
  ErrorCode,
  FindCoordinator,
  Heartbeat,
  type RequestOf,
  SaslAuthenticate,
  type SaslAuthenticateRequest,
  SaslHandshake,
} from '@rivven/protocol'
import { Heartbeats } from '../../../src/consumer/heartbeats/heartbeats.js'
import { PollBoard } from '../../../src/consumer/heartbeats/poll-board.js'
import { consumerSettings } from '../../../src/consumer/options/consumer-options.js'
import { Cluster } from '../../../src/net/cluster.js'
import { TinyCluster } from '../../support/tiny-cluster.js'

/** Heartbeats of a member whose client logs in with tokens that are good for ten seconds, as its sessions are. */
function scene(token: (count: number) => Promise<string>) {
  const runtime = fakeRuntime()
  const tiny = new TinyCluster(runtime.network, 1)
  const shown: string[] = []
  let asked = 0
  const ask = async () => ({ value: await token(++asked), lifetimeMs: 10_000 })
  const options = {
    bootstrapServers: tiny.bootstrapServers,
    runtime,
    sasl: { mechanism: 'oauthbearer', token: ask },
    groupId: 'g',
  } as const
  tiny.scripts.set(SaslHandshake, () => ({ mechanisms: ['OAUTHBEARER'] }))
  tiny.scripts.set(SaslAuthenticate, ({ request }) => {
    const { authBytes } = request as SaslAuthenticateRequest
    shown.push(String(authBytes).split('\x01')[1]?.replace('auth=Bearer ', '') ?? 'nothing')
    return { sessionLifetimeMs: 10_000 }
  })
  tiny.scripts.set(FindCoordinator, ({ request }) => {
    const { coordinatorKeys } = request as RequestOf<typeof FindCoordinator>
    const found = { errorCode: ErrorCode.NONE, nodeId: 0, host: 'broker-0', port: 9000 }
    return { ...found, coordinators: (coordinatorKeys ?? []).map((key) => ({ ...found, key })) }
  })
  tiny.scripts.set(Heartbeat, () => ({}))
  const cluster = new Cluster(options)
  const board = new PollBoard()
  board.enter()
  const heartbeats = new Heartbeats({
    cluster,
    settings: consumerSettings(options),
    groupId: 'g',
    board,
    onRefused: () => assert.fail('refused'),
    onFailed: () => assert.fail('refused'),
    onOverdue: () => assert.fail('overdue'),
  })
  /** In small steps: what one leads to is settled before the next. */
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 50) await runtime.clock.advance(50)
  }
  return { pass, tiny, heartbeats, shown, asked: () => asked }
}

const member = { memberId: 'm', generationId: 1 }

test('the thread of heartbeats has a token before it needs one, and the next one in time', async () => {
  const { pass, tiny, heartbeats, shown, asked } = scene(async (count) => `t${count}`)
  heartbeats.start(member)
  await pass(7000)
  assert.ok(tiny.requestsOf(Heartbeat).length > 0)
  assert.equal(asked(), 1)
  assert.ok(shown.length > 0 && shown.every((token: string) => token === 't1'), shown.join())
  await pass(15_000)
  assert.equal(asked(), 3)
  assert.ok(
    shown.some((token: string) => token === 't2'),
    shown.join(),
  )
  heartbeats.stop()
})

test('when none could be had yet, heartbeats wait for it, and nobody is told a token that there is not', async () => {
  const { pass, tiny, heartbeats, shown } = scene(async (count) => {
    if (count < 4) throw new Error('the house of tokens is closed')
    return `t${count}`
  })
  heartbeats.start(member)
  await pass(30_000)
  assert.ok(tiny.requestsOf(Heartbeat).length > 0)
  assert.ok(shown.length > 0 && shown.every((token) => /^t\d+$/.test(token)))
  heartbeats.stop()
})

test('a token is asked for by nobody once heartbeats have stopped', async () => {
  const { pass, heartbeats, asked } = scene(async (count) => `t${count}`)
  heartbeats.start(member)
  await pass(1000)
  heartbeats.stop()
  await pass(60_000)
  assert.equal(asked(), 1)
})
