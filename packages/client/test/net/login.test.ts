import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime, SeededRandom, settle } from '@rivven/fakes'
import { ErrorCode, FindCoordinator, Heartbeat, JoinGroup, SaslAuthenticate, SaslHandshake } from '@rivven/protocol'
import { TlsError } from '@rivven/runtime'
import { Admin, Consumer, type RivvenError } from '../../src/index.js'
import { Cluster } from '../../src/net/cluster.js'
import { SaslCluster, tinyPassword } from '../support/sasl-cluster.js'

const sasl = { mechanism: 'scram-sha-256', username: 'alice', password: tinyPassword } as const

function scene(given: object = {}, brokers = 1) {
  const runtime = fakeRuntime()
  const tiny = new SaslCluster(runtime.network, brokers)
  tiny.scripts.set(Heartbeat, () => ({}))
  const options = { bootstrapServers: tiny.bootstrapServers, runtime, sasl, ...given }
  return { runtime, clock: runtime.clock, tiny, options }
}

async function refusal(promise: Promise<unknown>): Promise<RivvenError> {
  return promise.then(
    () => assert.fail('it succeeded'),
    (error: RivvenError) => error,
  )
}

test('a connection logs in before anything is asked on it', async () => {
  const { clock, tiny, options } = scene()
  const cluster = new Cluster(options)
  await clock.until(cluster.metadata([]))
  const [said] = tiny.said.values()
  assert.deepEqual(said, ['ApiVersions', 'SaslHandshake', 'SaslAuthenticate', 'SaslAuthenticate', 'Metadata'])
  assert.equal(tiny.requestsOf(SaslHandshake)[0]?.version, 1)
  assert.equal(tiny.requestsOf(SaslAuthenticate)[0]?.version, SaslAuthenticate.versions.max)
})

test('a mechanism that the broker does not have is told with those that it has', async () => {
  const { clock, tiny, options } = scene()
  tiny.mechanisms = ['PLAIN', 'OAUTHBEARER']
  const error = await refusal(clock.until(new Admin(options).listTopics()))
  assert.equal(error.code, 'UNSUPPORTED_MECHANISM')
  assert.equal(error.errorCode, ErrorCode.UNSUPPORTED_SASL_MECHANISM)
  assert.match(error.message, /does not take SCRAM-SHA-256\. It has PLAIN, OAUTHBEARER\./)
  assert.deepEqual(error.facts.mechanisms, ['PLAIN', 'OAUTHBEARER'])
  assert.equal(error.retriable, false)
})

test('a listener without SASL is told as such', async () => {
  const { clock, tiny, options } = scene()
  tiny.scripts.set(SaslHandshake, () => ({ errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] }))
  const error = await refusal(clock.until(new Admin(options).listTopics()))
  assert.equal(error.code, 'UNSUPPORTED_MECHANISM')
  assert.match(error.message, /takes no logins\. Leave sasl out/)
})

test('a wrong password is told at once, and not tried on other brokers', async () => {
  const { clock, tiny, options } = scene({}, 3)
  tiny.password = 'another-secret'
  const bootstrapServers = ['broker-0:9000', 'broker-1:9001', 'broker-2:9002']
  const error = await refusal(clock.until(new Admin({ ...options, bootstrapServers }).listTopics()))
  assert.equal(error.code, 'AUTHENTICATION_FAILED')
  assert.equal(error.errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED)
  assert.equal(error.retriable, false)
  assert.match(error.message, /refused the login with SCRAM-SHA-256: wrong, whatever it was\. Check the credentials/)
  assert.doesNotMatch(error.message, /-secret/)
  assert.equal(tiny.logins, 1)
})

test('who calls again and again makes no storm of logins: they are 1, 2, … 30 seconds apart', async () => {
  const { clock, tiny, options } = scene()
  tiny.password = 'another-secret'
  const consumer = new Consumer({ ...options, groupId: 'g' })
  await consumer.subscribe('orders')
  tiny.scripts.set(FindCoordinator, () => undefined)
  const polling = async () => {
    for (;;) await consumer.poll(1000).catch(() => new Promise((again) => clock.setTimer(50, () => again(null))))
  }
  void polling()
  await clock.advance(1000)
  assert.ok(tiny.logins <= 2, `${tiny.logins} logins in a second`)
  await clock.advance(119_000)
  assert.ok(tiny.logins >= 5 && tiny.logins <= 10, `${tiny.logins} logins in two minutes`)
  // The password is mended at the broker: whoever waits gets in.
  tiny.password = tinyPassword
  await clock.advance(40_000)
  assert.ok([...tiny.said.values()].some((said) => said.includes('Metadata')))
})

test('a server that cannot prove who it is gets no requests', async () => {
  const { clock, tiny, options } = scene()
  tiny.spoil = { final: () => 'v=bm90IGl0' }
  const error = await refusal(clock.until(new Admin(options).listTopics()))
  assert.equal(error.code, 'AUTHENTICATION_FAILED')
  assert.match(error.message, /broken off: its signature is wrong/)
  assert.ok(![...tiny.said.values()].some((said) => said.includes('Metadata')))
})

test('connectTimeoutMs holds for all of it, the login too', async () => {
  const { clock, tiny, options } = scene({ connectTimeoutMs: 2000, unreachableTimeoutMs: 5000 })
  tiny.scripts.set(SaslAuthenticate, () => undefined)
  const before = clock.monotonic()
  const error = await refusal(clock.until(new Admin(options).listTopics()))
  assert.equal(error.code, 'NO_BROKER_REACHABLE')
  assert.match(error.message, /SaslAuthenticate .* got no answer within 2000 ms/)
  assert.ok(clock.monotonic() - before <= 7000)
})

test('connectTimeoutMs holds for a token that does not come', async () => {
  const token = () => new Promise<never>(() => undefined)
  const given = { sasl: { mechanism: 'oauthbearer', token }, connectTimeoutMs: 2000, unreachableTimeoutMs: 5000 }
  const { clock, options } = scene(given)
  const error = await refusal(clock.until(new Admin(options).listTopics()))
  assert.match(error.message, /Logging in to .* took longer than connectTimeoutMs/)
})

/** Sends a heartbeat every 100 ms for so long. */
async function beating(cluster: Cluster, clock: { advance(ms: number): Promise<void> }, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 100) {
    const answers = Promise.all([0, 1, 2].map(() => cluster.send(0, Heartbeat, {})))
    await clock.advance(100)
    await answers
  }
}

test('a session is renewed in the last part of its life, on its connection, with nothing in between', async () => {
  const chance = new SeededRandom(7)
  for (let round = 0; round < 5; round++) {
    const { runtime, clock, tiny, options } = scene()
    runtime.random.next = () => chance.next()
    tiny.sessionLifetimeMs = 10_000
    const times: number[] = []
    const handshake = tiny.scripts.get(SaslHandshake)!
    tiny.scripts.set(SaslHandshake, (asked) => {
      times.push(clock.monotonic())
      return handshake(asked)
    })
    const cluster = new Cluster(options)
    await clock.until(cluster.metadata([]))
    await beating(cluster, clock, 30_000)
    // The clock of the test jumped at the first one.
    const lives = times.slice(2).map((time, at) => time - times[at + 1]!)
    assert.ok(lives.length >= 2 && lives.every((ms) => ms >= 8500 && ms <= 9700), `renewed after ${lives} ms`)
    assert.deepEqual(tiny.outOfTurn, [])
    assert.equal(runtime.network.connections.length, 1)
  }
})

test('a connection that rested beyond the end of its session logs in before it is used again', async () => {
  const { runtime, clock, tiny, options } = scene()
  tiny.sessionLifetimeMs = 10_000
  const cluster = new Cluster(options)
  await clock.until(cluster.metadata([]))
  await clock.advance(60_000)
  assert.equal(tiny.logins, 1)
  await clock.until(cluster.send(0, Heartbeat, {}))
  assert.equal(tiny.logins, 2)
  assert.equal(runtime.network.connections.length, 1)
})

test('a request that is answered soon is waited for', async () => {
  const { clock, tiny, options } = scene()
  tiny.sessionLifetimeMs = 10_000
  const cluster = new Cluster(options)
  await clock.until(cluster.metadata([]))
  await clock.advance(9400)
  const held: (() => void)[] = []
  tiny.scripts.set(Heartbeat, (asked) => {
    held.push(() => tiny.reply(asked, {}))
    return undefined
  })
  // Before it is time; then the next one is after it.
  const { monotonic } = clock
  clock.monotonic = () => 0
  const first = cluster.send(0, Heartbeat, {})
  clock.monotonic = monotonic
  await settle()
  const second = cluster.send(0, Heartbeat, {})
  await clock.advance(500)
  assert.equal(tiny.logins, 1)
  held[0]?.()
  await clock.until(first)
  await settle()
  assert.equal(tiny.logins, 2)
  held[1]?.()
  await clock.until(second)
  assert.deepEqual(tiny.outOfTurn, [])
})

test('one that waits for long ends on its old connection, beside a new one', async () => {
  const { runtime, clock, tiny, options } = scene()
  tiny.sessionLifetimeMs = 10_000
  const cluster = new Cluster(options)
  await clock.until(cluster.metadata([]))
  let answer: () => void = () => assert.fail('nobody joined')
  tiny.scripts.set(JoinGroup, (asked) => {
    answer = () => tiny.reply(asked, { memberId: 'm' })
    return undefined
  })
  const joining = cluster.send(0, JoinGroup, {}, { timeoutMs: 60_000 })
  await clock.advance(9500)
  await clock.until(cluster.send(0, Heartbeat, {}))
  assert.equal(runtime.network.connections.length, 2)
  const [old] = runtime.network.connections
  assert.equal(old?.isClosed, false)
  answer()
  assert.equal((await clock.until(joining)).memberId, 'm')
  await settle()
  assert.equal(old?.isClosed, true)
  assert.deepEqual(tiny.outOfTurn, [])
})

test('a broker that knows us no more says so to whoever calls next', async () => {
  const { clock, tiny, options } = scene()
  tiny.sessionLifetimeMs = 10_000
  const cluster = new Cluster(options)
  await clock.until(cluster.metadata([]))
  tiny.password = 'changed-secret'
  await clock.advance(9500)
  assert.equal((await refusal(clock.until(cluster.send(0, Heartbeat, {})))).code, 'AUTHENTICATION_FAILED')
})

test('a broker that hangs up when it is logged in to again is connected to anew', async () => {
  const { runtime, clock, tiny, options } = scene()
  tiny.sessionLifetimeMs = 10_000
  const cluster = new Cluster(options)
  await clock.until(cluster.metadata([]))
  const { fate } = tiny
  tiny.fate = (asked) => {
    tiny.fate = fate
    return asked.api === SaslHandshake ? 'close before' : fate(asked)
  }
  await clock.advance(9500)
  await clock.until(cluster.send(0, Heartbeat, {}))
  assert.equal(runtime.network.connections.length, 2)
})

test('who does not log in where it must is told so, when the broker has hung up three times', async () => {
  const { clock, tiny, options } = scene({ sasl: undefined })
  const error = await refusal(clock.until(new Admin(options).listTopics()))
  assert.equal(error.code, 'AUTHENTICATION_FAILED')
  assert.match(error.message, /ended the connection at the first request\. .*give sasl/)
  assert.deepEqual(tiny.outOfTurn, ['Metadata in state new', 'Metadata in state new', 'Metadata in state new'])
})

test('a broker that has answered before is tried again as long as ever', async () => {
  const { clock, tiny, options } = scene()
  const admin = new Admin(options)
  await clock.until(admin.listTopics())
  const { fate } = tiny
  tiny.fate = ({ api }) => (api === SaslHandshake ? 'close before' : 'answer')
  for (const end of tiny.said.keys()) end.close()
  const listing = admin.listTopics()
  await clock.advance(8000)
  tiny.fate = fate
  assert.deepEqual(await clock.until(listing), [])
})

test('a broker that finds a login too soon gets it on another connection', async () => {
  const { runtime, clock, tiny, options } = scene()
  tiny.sessionLifetimeMs = 900
  const cluster = new Cluster(options)
  await clock.until(cluster.metadata([]))
  const handshake = tiny.scripts.get(SaslHandshake)!
  tiny.scripts.set(SaslHandshake, (asked) => {
    const isFirst = tiny.said.get(asked.end)?.filter((name) => name === 'SaslHandshake').length === 1
    return isFirst ? handshake(asked) : { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] }
  })
  await clock.advance(900)
  await clock.until(cluster.send(0, Heartbeat, {}))
  assert.equal(runtime.network.connections.length, 2)
})

test('a client that nobody uses does not go on trying to log in', async () => {
  const { clock, tiny, options } = scene({ metadataMaxAgeMs: 600_000 })
  const cluster = new Cluster(options)
  await clock.until(cluster.metadata([]))
  tiny.password = 'changed-secret'
  for (const end of tiny.said.keys()) end.close()
  const before = tiny.logins
  await clock.advance(3_600_000)
  // Six refreshes by age, each at two addresses.
  assert.ok(tiny.logins - before <= 12, `${tiny.logins - before} logins in an hour`)
})

/** The next connections fail in the TLS handshake for these reasons. */
function failing({ network }: ReturnType<typeof fakeRuntime>, codes: string[]): void {
  const connect = network.connect.bind(network)
  network.connect = async (address) => {
    const code = codes.shift()
    if (code === undefined) return connect(address)
    throw new TlsError(Object.assign(new Error(code), { code }))
  }
}

test('a handshake that breaks off is tried again, as whatever is being started does that', async () => {
  const { runtime, clock, options } = scene({ ssl: true })
  failing(runtime, ['ECONNRESET', 'EPIPE', 'ECONNRESET', 'ECONNABORTED'])
  assert.deepEqual(await clock.until(new Admin(options).listTopics()), [])
})

test('one that always breaks off is told as such, before the call ends for other reasons', async () => {
  const { runtime, clock, options } = scene({ ssl: true })
  failing(runtime, Array<string>(1000).fill('ECONNRESET'))
  const before = clock.monotonic()
  const error = await refusal(clock.until(new Admin(options).listTopics()))
  assert.equal(error.code, 'TLS_FAILED')
  assert.match(error.message, /in the middle of the TLS handshake/)
  assert.ok(clock.monotonic() - before >= 5000 && clock.monotonic() - before <= 10_000)
})

test('a certificate that is not to be trusted ends a call at once', async () => {
  const { runtime, clock, options } = scene({ ssl: true })
  failing(runtime, ['CERT_HAS_EXPIRED'])
  const error = await refusal(clock.until(new Admin(options).listTopics()))
  assert.equal(error.code, 'TLS_FAILED')
  assert.equal(error.retriable, false)
  assert.match(error.message, /CERT_HAS_EXPIRED.*clock of this machine/)
})
