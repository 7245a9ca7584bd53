import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Api,
  ApiVersions,
  decodeResponse,
  encodeRequest,
  Heartbeat,
  Metadata,
  Produce,
  type ResponseOf,
  SaslAuthenticate,
  SaslHandshake,
} from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { brokerConfig } from '../../../src/config/broker-config.js'
import { type BrokerServices, handler } from '../../../src/handlers/handler.js'
import { silentLog } from '../../../src/log-output.js'
import { SaslGate, type SaslTerms } from '../../../src/net/authentication/sasl-gate.js'
import { Connection } from '../../../src/net/connection.js'
import { Refusals } from '../../../src/net/refusals.js'
import { Router } from '../../../src/net/router.js'
import { accessOf } from '../../../src/security/access.js'
import { Audit } from '../../../src/security/audit/audit.js'
import type { SaslMechanism } from '../../../src/security/sasl/mechanism.js'
import type { SaslServer, SaslStep } from '../../../src/security/sasl/sasl-server.js'
import { Traffic } from '../../../src/traffic.js'
import { FakeStream } from '../fake-stream.js'
import { unlimited } from '../pipeline-rig.js'

const mechanisms: SaslMechanism[] = ['PLAIN', 'SCRAM-SHA-256']

/** Lets in whoever says a name, asks back after '?', waits for the test after 'wait …'. */
class NamingServer implements SaslServer {
  constructor(readonly waiting: ((step: SaslStep) => void)[]) {}

  next(token: Uint8Array): SaslStep | Promise<SaslStep> {
    const text = Buffer.from(token).toString()
    if (text === '?') return { kind: 'challenge', token: Buffer.from('who?') }
    if (text === '') return { kind: 'failed', text: 'no name' }
    const done: SaslStep = { kind: 'done', token: Buffer.from('hello'), user: text.replace('wait ', '') }
    return text.startsWith('wait ') ? new Promise((resolve) => this.waiting.push(() => resolve(done))) : done
  }
}

/** A clock that the test moves. */
class TestClock {
  time = 1_000
  readonly #timers: { at: number; callback: () => void }[] = []
  now = () => this.time
  monotonic = () => this.time
  setTimer(delayMs: number, callback: () => void) {
    const timer = { at: this.time + delayMs, callback }
    this.#timers.push(timer)
    return { cancel: () => this.#timers.splice(this.#timers.indexOf(timer), 1) }
  }
  async pass(ms: number): Promise<void> {
    this.time += ms
    for (const timer of this.#timers.filter(({ at }) => at <= this.time)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1)
      timer.callback()
    }
    await settled()
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A connection of a listener with SASL; its handlers say who has asked. */
class Rig {
  readonly stream = new FakeStream()
  readonly clock = new TestClock()
  readonly audit = new Audit({ clock: this.clock })
  readonly waiting: ((step: SaslStep) => void)[] = []
  /** The principal of each request that was served. */
  readonly served: string[] = []
  #correlationId = 0
  #read = 0

  constructor(terms: Partial<SaslTerms> = {}) {
    const serve = (api: Api) =>
      handler(api, (_, __, { access }) => {
        this.served.push(`${api.name} ${access.principal}`)
        return {}
      })
    const router = new Router(
      [ApiVersions, SaslHandshake, SaslAuthenticate, Metadata, Heartbeat, Produce].map(serve),
      100,
    )
    const runtime = { ...nodeRuntime(), clock: this.clock }
    const memory = unlimited(this.clock)
    const services = {
      config: brokerConfig(),
      runtime,
      log: silentLog(),
      traffic: new Traffic(),
      refusals: new Refusals(this.clock, silentLog()),
      security: { quotas: {} },
      audit: this.audit,
    }
    const all: SaslTerms = {
      clock: this.clock,
      mechanisms,
      newServer: () => new NamingServer(this.waiting),
      apiOf: (apiKey, apiVersion) => router.find(apiKey, apiVersion)?.api,
      frameSizes: { beforeLogin: 1_000, afterLogin: 100_000 },
      sessionMs: 0,
      audit: this.audit,
      listener: 'CLIENTS',
      ...terms,
    }
    const gate = new SaslGate(
      all,
      (user = 'ANONYMOUS') => accessOf(null, `User:${user}`, '10.0.0.9'),
      () => 100,
    )
    new Connection(this.stream, gate, {
      router,
      services: services as unknown as BrokerServices,
      advertised: { host: 'x', port: 1 },
      listenerName: 'CLIENTS',
      onOpen: () => undefined,
      lookAt: () => undefined,
      memoryOf: () => memory,
      onClosed: () => undefined,
    })
  }

  bytes<A extends Api>(api: A, version: number, request: Parameters<typeof encodeRequest<A>>[3]): Buffer {
    const header = { correlationId: this.#correlationId++, clientId: 'c' }
    return Buffer.concat(encodeRequest(api, version, header, request))
  }

  ask<A extends Api>(
    api: A,
    version: number,
    request: Parameters<typeof encodeRequest<A>>[3],
  ): ResponseOf<A> | undefined {
    this.stream.feed(this.bytes(api, version, request))
    return this.answer(api, version)
  }

  /** The next answer, if there is one. */
  answer<A extends Api>(api: A, version: number): ResponseOf<A> | undefined {
    const frame = this.frame()
    return frame && (decodeResponse(api, version, frame).message as ResponseOf<A>)
  }

  frame(): Buffer | undefined {
    const all = Buffer.concat(this.stream.written).subarray(this.#read)
    if (all.length < 4) return undefined
    const end = 4 + all.readInt32BE(0)
    this.#read += end
    return all.subarray(4, end)
  }

  logIn(user: string, version = 2): ResponseOf<typeof SaslAuthenticate> | undefined {
    assert.equal(this.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })?.errorCode, 0)
    return this.ask(SaslAuthenticate, version, { authBytes: Buffer.from(user) })
  }
}

test('who has logged in is the principal of every request behind it', () => {
  const rig = new Rig()
  assert.equal(rig.logIn('alice')?.errorCode, 0)
  rig.ask(Heartbeat, 4, {})
  assert.deepEqual(rig.served, ['Heartbeat User:alice'])
})

test('ApiVersions may be asked once before SaslHandshake, and a version that is unknown does not count', () => {
  const rig = new Rig()
  rig.stream.feed(Buffer.from('0000000b0012 0063 00000000 ffff 00'.replaceAll(' ', ''), 'hex'))
  assert.equal(rig.answer(ApiVersions, 0)?.errorCode, 35)
  rig.ask(ApiVersions, 3, { clientSoftwareName: 'a', clientSoftwareVersion: '1' })
  assert.ok(!rig.stream.isEnded)
  rig.stream.feed(rig.bytes(ApiVersions, 3, { clientSoftwareName: 'a', clientSoftwareVersion: '1' }))
  assert.ok(rig.stream.isEnded)
})

for (const api of [Metadata, Heartbeat, Produce, SaslAuthenticate] as const) {
  test(`${api.name} before SaslHandshake closes the connection, and nothing is sent`, () => {
    const rig = new Rig()
    rig.stream.feed(rig.bytes(api as Api, api.versions.max, {}))
    assert.ok(rig.stream.isEnded)
    assert.equal(rig.stream.written.length, 0)
    assert.deepEqual(rig.served, [])
  })
}

test('a mechanism that is not enabled is answered late, with those that are, and the connection ends', async () => {
  for (const mechanism of ['', 'plain', 'GSSAPI', 'x'.repeat(500)]) {
    const rig = new Rig()
    assert.equal(rig.ask(SaslHandshake, 1, { mechanism }), undefined)
    await rig.clock.pass(99)
    assert.equal(rig.stream.written.length, 0)
    await rig.clock.pass(1)
    assert.deepEqual(rig.answer(SaslHandshake, 1), { errorCode: 33, mechanisms })
    assert.ok(rig.stream.isEnded)
  }
})

test('a failed login is answered late, and nothing behind it is served', async () => {
  const rig = new Rig()
  rig.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })
  rig.stream.feed(rig.bytes(SaslAuthenticate, 2, { authBytes: Buffer.from('') }), rig.bytes(Heartbeat, 4, {}))
  assert.ok(rig.stream.isPaused)
  await rig.clock.pass(100)
  const { errorCode, errorMessage } = rig.answer(SaslAuthenticate, 2) ?? {}
  assert.deepEqual({ errorCode, errorMessage }, { errorCode: 58, errorMessage: 'no name' })
  assert.ok(rig.stream.isEnded)
  assert.deepEqual(rig.served, [])
})

test('a mechanism of several messages asks on', () => {
  const rig = new Rig()
  rig.ask(SaslHandshake, 1, { mechanism: 'SCRAM-SHA-256' })
  const asked = rig.ask(SaslAuthenticate, 2, { authBytes: Buffer.from('?') })
  assert.equal(asked?.authBytes.toString(), 'who?')
  assert.equal(rig.ask(SaslAuthenticate, 2, { authBytes: Buffer.from('bob') })?.authBytes.toString(), 'hello')
})

test('tokens without headers behind SaslHandshake version 0', async () => {
  const rig = new Rig()
  rig.ask(SaslHandshake, 0, { mechanism: 'PLAIN' })
  rig.stream.feed(Buffer.from('00000003626f62', 'hex'))
  assert.equal(rig.frame()?.toString(), 'hello')
  rig.ask(Heartbeat, 4, {})
  assert.deepEqual(rig.served, ['Heartbeat User:bob'])
})

test('another request in the middle of a login is answered in its own form, late, and the connection ends', async () => {
  const cases: [Api, number, object, object][] = [
    [Heartbeat, 4, {}, { errorCode: 34 }],
    [SaslHandshake, 1, { mechanism: 'PLAIN' }, { errorCode: 34, mechanisms: [] }],
    [Metadata, 9, { topics: [{ name: 'x' }] }, { clusterId: null, brokers: [] }],
  ]
  for (const [api, version, request, expected] of cases) {
    const rig = new Rig()
    rig.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })
    assert.equal(rig.ask(api, version, request), undefined)
    await rig.clock.pass(100)
    const answer = rig.answer(api, version) as Record<string, unknown>
    for (const [field, value] of Object.entries(expected)) assert.deepEqual(answer[field], value)
    assert.ok(rig.stream.isEnded)
    assert.deepEqual(rig.served, [])
  }
})

test('what was sent behind a token is read when the login is done, by the limits that count then', async () => {
  const rig = new Rig()
  rig.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })
  const large = rig.bytes(Heartbeat, 4, { groupId: 'g'.repeat(20_000) })
  rig.stream.feed(rig.bytes(SaslAuthenticate, 2, { authBytes: Buffer.from('wait carol') }), large, large)
  assert.ok(rig.stream.isPaused)
  assert.ok(!rig.stream.isEnded)
  rig.waiting[0]?.({} as SaslStep)
  await settled()
  assert.deepEqual(rig.served, ['Heartbeat User:carol', 'Heartbeat User:carol'])
  assert.ok(!rig.stream.isPaused)
})

test('a frame above the limit before the login ends the connection at once', () => {
  const rig = new Rig()
  rig.stream.feed(Buffer.from([0, 0, 3, 233]))
  assert.ok(rig.stream.isEnded)
})

test('behind the login SaslHandshake and SaslAuthenticate are requests like others', () => {
  const rig = new Rig()
  rig.logIn('alice')
  rig.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })
  rig.ask(SaslAuthenticate, 2, { authBytes: Buffer.from('bob') })
  assert.deepEqual(rig.served, ['SaslHandshake User:alice', 'SaslAuthenticate User:alice'])
})

test('the first request behind the end of a session closes the connection; logging in again prolongs it', async () => {
  const rig = new Rig({ sessionMs: 3_000 })
  assert.equal(rig.logIn('alice')?.sessionLifetimeMs, 3_000)
  await rig.clock.pass(2_900)
  assert.equal(rig.logIn('alice')?.sessionLifetimeMs, 3_000)
  await rig.clock.pass(2_900)
  rig.ask(Heartbeat, 4, {})
  assert.deepEqual(rig.served, ['Heartbeat User:alice'])
  await rig.clock.pass(100)
  rig.stream.feed(rig.bytes(Heartbeat, 4, {}))
  assert.ok(rig.stream.isEnded)
  assert.equal(rig.served.length, 1)
})

test('a session that is over can still be prolonged, and nobody ends it before it is used', async () => {
  const rig = new Rig({ sessionMs: 3_000 })
  rig.logIn('alice')
  await rig.clock.pass(10_000)
  assert.ok(!rig.stream.isEnded)
  assert.equal(rig.logIn('alice')?.errorCode, 0)
  rig.ask(Heartbeat, 4, {})
  assert.deepEqual(rig.served, ['Heartbeat User:alice'])
})

test('logging in again within a second is out of place, and the connection stays', async () => {
  const rig = new Rig({ sessionMs: 3_000 })
  rig.logIn('alice')
  rig.logIn('alice')
  rig.ask(SaslHandshake, 1, { mechanism: 'PLAIN' })
  assert.deepEqual(rig.served, ['SaslHandshake User:alice'])
  await rig.clock.pass(1_000)
  assert.equal(rig.logIn('alice')?.errorCode, 0)
})

test('logging in again as somebody else fails, by another mechanism it closes the connection', async () => {
  const rig = new Rig({ sessionMs: 3_000 })
  rig.logIn('alice')
  assert.equal(rig.logIn('bob'), undefined)
  await rig.clock.pass(100)
  assert.equal(rig.answer(SaslAuthenticate, 2)?.errorCode, 58)
  assert.ok(rig.stream.isEnded)
  const other = new Rig({ sessionMs: 3_000 })
  other.logIn('alice')
  assert.equal(other.ask(SaslHandshake, 1, { mechanism: 'SCRAM-SHA-256' })?.errorCode, 0)
  other.stream.feed(other.bytes(SaslAuthenticate, 2, { authBytes: Buffer.from('alice') }))
  assert.ok(other.stream.isEnded)
  assert.equal(other.frame(), undefined)
})
