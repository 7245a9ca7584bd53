import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime } from '@rivven/fakes'
import { ApiVersions, Heartbeat, SaslAuthenticate } from '@rivven/protocol'
import { RivvenError } from '../src/errors/errors.js'
import { Link } from '../src/link.js'
import type { LiveConnection } from '../src/opening/live-connection.js'
import { Pauses } from '../src/retry/pauses.js'
import { sleep } from '../src/retry/retry.js'
import { Security, type SecurityOptions } from '../src/security/security.js'
import { TinyBroker, tinyPassword } from './tiny-broker.js'

const address = { host: 'broker', port: 9092 }
const where = 'broker:9092'
const login: SecurityOptions = {
  sasl: { mechanism: 'scram-sha-256', username: 'alice', password: tinyPassword },
}

function scene(security: SecurityOptions = {}, seed = 1) {
  const runtime = fakeRuntime(seed)
  const broker = new TinyBroker(runtime.network)
  const closing = new AbortController()
  const told: string[] = []
  const options = {
    runtime,
    logger: { warn: () => undefined },
    security: new Security(security, runtime),
    clientId: 'tester',
    ...{ connectTimeoutMs: 1_000, requestTimeoutMs: 1_000, unreachableTimeoutMs: 1_000 },
    ...{ retryBackoffMs: 100, maxRetryBackoffMs: 1_000 },
    maxResponseBytes: 10_000,
    keepsProcess: true,
    closeSignal: closing.signal,
  }
  const link = new Link(1, address, options, {
    mayBeMeant: () => true,
    opened: () => told.push('opened'),
    reached: () => told.push('reached'),
    closed: (_, isLast) => told.push(isLast ? 'closed' : 'closed, replaced'),
  })
  const beat = ({ connection }: LiveConnection) =>
    connection.call(Heartbeat, 4, { groupId: 'g' }, { timeoutMs: 60_000 })
  return { runtime, clock: runtime.clock, network: runtime.network, broker, link, beat, told, closing }
}

test('many who ask share one connection, and use it in the order in which they came', async () => {
  const { clock, broker, link, beat } = scene()
  const order: number[] = []
  const uses = [1, 2, 3].map((number) =>
    link.inTurn((live) => {
      order.push(number)
      return beat(live)
    }),
  )
  await clock.until(Promise.all(uses))
  assert.deepEqual(order, [1, 2, 3])
  assert.deepEqual(broker.said, [['ApiVersions', 'Heartbeat', 'Heartbeat', 'Heartbeat']])
  assert.ok(link.ready)
})

test('a broker that could not be reached is not tried again at once: who asks is told why', async () => {
  const { clock, network, broker, link } = scene()
  network.down.add(where)
  await assert.rejects(clock.until(link.connection()), { code: 'CONNECTION_FAILED' })
  network.down.delete(where)
  await assert.rejects(clock.until(link.connection()), { code: 'CONNECTION_FAILED' })
  assert.deepEqual(broker.said, [])
  await clock.advance(200)
  await clock.until(link.connection())
  assert.deepEqual(broker.said, [['ApiVersions']])
})

test('a connection that is not open in time says how long all of it had, not what was left for its last step', async () => {
  const { clock, broker, link } = scene(login)
  broker.slow.add(ApiVersions).add(SaslAuthenticate)
  const opening = assert.rejects(link.connection(), {
    code: 'TIMED_OUT',
    message: 'Opening a connection: SaslAuthenticate to broker:9092 got no answer within 1000 ms, all steps together.',
  })
  await clock.advance(700)
  broker.answerHeld()
  await clock.advance(300)
  await opening
})

test('whoever tries again and again reaches a broker within one pause of its return', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { runtime, clock, network, link } = scene({}, seed)
    network.down.add(where)
    const pauses = new Pauses(runtime)
    const trying = (async () => {
      for (;;) {
        const error = await link.connection().then(
          () => undefined,
          (error: unknown) => error,
        )
        if (error === undefined) return clock.monotonic()
        await sleep(clock, pauses.after(error))
      }
    })()
    await clock.advance(5_000)
    network.down.delete(where)
    const tookMs = (await clock.until(trying)) - 5_000
    assert.ok(tookMs <= 1_200, `seed ${seed}: ${tookMs} ms`)
  }
})

test('near the end of its session a connection logs in again, before anybody else uses it', async () => {
  const { clock, broker, link, beat, told } = scene(login)
  broker.sessionLifetimeMs = 100_000
  await clock.until(link.inTurn(beat))
  await clock.advance(96_000)
  assert.equal(link.ready, undefined)
  await clock.until(link.inTurn(beat))
  const loggedIn = ['SaslHandshake', 'SaslAuthenticate', 'SaslAuthenticate']
  assert.deepEqual(broker.said, [['ApiVersions', ...loggedIn, 'Heartbeat', ...loggedIn, 'Heartbeat']])
  assert.deepEqual(told, ['opened', 'reached'])
})

test('what takes long when a session ends is left to its connection, and another one takes its place', async () => {
  const { clock, broker, link, beat, told } = scene(login)
  broker.sessionLifetimeMs = 100_000
  await clock.until(link.connection())
  await clock.advance(80_000)
  broker.slow.add(Heartbeat)
  const slow = link.inTurn(beat)
  await clock.advance(16_000)
  broker.slow.delete(Heartbeat)
  await clock.until(link.inTurn(beat))
  assert.equal(broker.said.length, 2)
  broker.answerHeld()
  await clock.until(slow)
  await clock.advance(0)
  assert.deepEqual(told, ['opened', 'reached', 'opened', 'reached', 'closed, replaced'])
})

test('a link whose owner has closed it while it was being opened is not opened', async () => {
  const { clock, link, told, closing } = scene()
  const opening = link.connection()
  closing.abort(new RivvenError('CLIENT_CLOSED', 'The client was closed.'))
  await assert.rejects(clock.until(opening), { code: 'CLIENT_CLOSED' })
  await clock.advance(0)
  assert.deepEqual(told, ['opened', 'closed'])
})
