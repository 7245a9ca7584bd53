import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime, settle } from '@rivven/fakes'
import { ApiVersions, Heartbeat, Metadata } from '@rivven/protocol'
import { Admin, type RivvenError } from '../../src/index.js'
import { Cluster } from '../../src/net/cluster.js'
import { type Asked, TinyCluster } from '../support/tiny-cluster.js'

const day = 86_400_000

function scene() {
  const runtime = fakeRuntime()
  const tiny = new TinyCluster(runtime.network, 1)
  const options = {
    bootstrapServers: tiny.bootstrapServers,
    runtime,
    requestTimeoutMs: 5000,
    unreachableTimeoutMs: 3000,
  }
  return { runtime, clock: runtime.clock, tiny, options }
}

/** Sends these bytes behind the correlation id, in place of the answer. */
function answering(bytes: (asked: Asked) => string, size?: number) {
  return (asked: Asked): undefined => {
    const body = Buffer.from(bytes(asked).replaceAll(' ', ''), 'hex')
    const head = Buffer.alloc(8)
    head.writeInt32BE(size ?? body.length + 4, 0)
    head.writeInt32BE(asked.correlationId, 4)
    asked.end.send(Buffer.concat([head, body]))
    return undefined
  }
}

test('a throttle time of days costs a call its own timeout at most, and is told of once by the logger', async () => {
  const warnings: string[] = []
  const { clock, tiny, options } = scene()
  const cluster = new Cluster({ ...options, logger: { warn: (text) => void warnings.push(text) } })
  await clock.until(cluster.metadata([]))
  tiny.scripts.set(Heartbeat, () => ({ errorCode: 0, throttleTimeMs: 24 * day }))
  await clock.until(cluster.send(0, Heartbeat, {}))
  const before = clock.monotonic()
  await clock.until(cluster.send(0, Heartbeat, {}))
  assert.ok(clock.monotonic() - before <= 5000, `it took ${clock.monotonic() - before} ms`)
  assert.deepEqual(warnings, [
    'The broker at broker-0:9000 asks for a pause of 2073600000 ms. It gets 5000 ms (requestTimeoutMs) at a time.',
  ])
})

test('close ends a pause that a broker asked for', async () => {
  const { clock, tiny, options } = scene()
  const cluster = new Cluster(options)
  await clock.until(cluster.metadata([]))
  tiny.scripts.set(Heartbeat, () => ({ errorCode: 0, throttleTimeMs: 4000 }))
  await clock.until(cluster.send(0, Heartbeat, {}))
  const waiting = assert.rejects(cluster.send(0, Heartbeat, {}), { code: 'CLIENT_CLOSED' })
  await settle()
  await cluster.close()
  await waiting
  assert.equal(clock.pending, 0)
})

const hostile: Record<string, { script: (asked: Asked) => undefined; says: RegExp }> = {
  'an array of 2^31 - 1 elements': { script: answering(() => '00 00000000 ff ff ff ff 07'), says: /make no sense/ },
  'an array of a negative length': { script: answering(() => '00 00000000 80 80 80 80 10'), says: /make no sense/ },
  'an answer that is cut short': { script: answering(() => '00 0000'), says: /make no sense/ },
  'an answer that never ends': {
    script: answering(() => '00 00000000', 200_000_000),
    says: /no answer within 5000 ms/,
  },
  'a frame above what is taken': { script: answering(() => '00', 0x7fffffff), says: /2147483647 bytes was announced/ },
}

for (const [what, { script, says }] of Object.entries(hostile)) {
  test(`${what} ends a call within its own timeouts, with an error that says so`, async () => {
    const { clock, tiny, options } = scene()
    tiny.scripts.set(Metadata, script)
    const admin = new Admin({ ...options, timeoutMs: 6000 })
    const before = process.memoryUsage().arrayBuffers
    const error: RivvenError = await clock.until(
      admin.listTopics().then(
        () => assert.fail('it succeeded'),
        (e) => e,
      ),
    )
    assert.match(error.message, says)
    assert.ok(clock.monotonic() <= 12_000, `it took ${clock.monotonic()} ms`)
    assert.ok(process.memoryUsage().arrayBuffers - before < 32_000_000)
    await admin.close()
    await settle()
    assert.equal(clock.pending, 0)
  })
}

test('a broker that only ever says that it knows no version is given up', async () => {
  const { clock, tiny, options } = scene()
  tiny.scripts.set(ApiVersions, () => ({ errorCode: 35, apiKeys: [] }))
  tiny.answerVersion = ({ api, version }) => (api === ApiVersions ? 0 : version)
  const admin = new Admin(options)
  const error: RivvenError = await clock.until(admin.listTopics().catch((error) => error))
  assert.equal(error.code, 'NO_BROKER_REACHABLE')
  assert.match(error.message, /UNSUPPORTED_VERSION/)
})
