import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Accept, type Address, type Network, nodeRuntime } from '@rivven/runtime'
import { Broker } from '../../src/broker.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { openLog } from '../../src/log-output.js'
import { memoryStorage } from '../../src/open-storage.js'
import { settled, TestClock } from '../coordinator/test-clock.js'
import { FakeStream } from './fake-stream.js'
import { heartbeat, versions } from './pipeline-rig.js'

/** A network in which a test lets clients come, by the port that they come to. */
class FakeNetwork implements Network {
  readonly accepts = new Map<number, Accept>()

  listen(address: Address, accept: Accept) {
    this.accepts.set(address.port, accept)
    return Promise.resolve({ address, close: () => Promise.resolve() })
  }

  connect(): never {
    throw new Error('nobody is there')
  }

  come(port: number): FakeStream {
    const stream = new FakeStream()
    this.accepts.get(port)?.(stream)
    return stream
  }
}

const lines: string[] = []

async function started(values: Record<string, unknown>) {
  lines.length = 0
  const [clock, network] = [new TestClock(), new FakeNetwork()]
  const runtime = { ...nodeRuntime(), clock, network }
  const listeners = 'PLAINTEXT://127.0.0.1:1,SASL_PLAINTEXT://127.0.0.1:2'
  const own = { http: 'off', listeners, authorizer_class_name: 'none', ...values }
  const config = brokerConfig([{ from: 'test', values: own }])
  const log = openLog('info', { write: (line) => void lines.push(line) })
  const broker = await Broker.start({ config, runtime, storage: memoryStorage(runtime), log })
  return { broker, clock, network }
}

/** Goes through time in steps of five seconds, with a heartbeat of somebody else in each, which is answered at once. */
async function passWithHeartbeats(clock: TestClock, other: FakeStream, steps: number, each: () => void): Promise<void> {
  for (let step = 0; step < steps; step++) {
    each()
    other.feed(heartbeat(step))
    await settled()
    assert.equal(other.answered.at(-1), step)
    await clock.advance(5_000)
  }
}

test('S4: thousands that say nothing, or a byte now and then, are closed when they should have logged in; others are not held up', async () => {
  const { broker, clock, network } = await started({ max_unauthenticated_connections: 10_000 })
  const other = network.come(1)
  const silent = Array.from({ length: 1_000 }, () => network.come(2))
  const slow = Array.from({ length: 1_000 }, () => network.come(2))
  let sent = 0
  await passWithHeartbeats(clock, other, 6, () => {
    for (const stream of slow) stream.feed(versions(1).subarray(sent, sent + 1))
    sent += 1
    assert.equal(broker.connectionCount, 2_001)
  })
  await passWithHeartbeats(clock, other, 1, () => undefined)
  assert.ok([...silent, ...slow].every(({ isEnded }) => isEnded))
  assert.equal(broker.connectionCount, 1)
  await clock.advance(60_000)
  assert.equal(lines.filter((line) => line.includes('did not log in in time')).length, 2)
  await broker.close()
})

test('S4: no more than 500 of them are there at a time, whoever comes first is closed first, and logs stay short', async () => {
  const { broker, clock, network } = await started({})
  const other = network.come(1)
  const strangers = Array.from({ length: 2_000 }, () => network.come(2))
  assert.equal(
    strangers.findIndex(({ isDestroyed }) => !isDestroyed),
    1_500,
  )
  assert.equal(broker.connectionCount, 501)
  await passWithHeartbeats(clock, other, 7, () => undefined)
  assert.equal(broker.connectionCount, 1)
  await clock.advance(60_000)
  assert.ok(lines.length < 10, `${lines.length} lines`)
  await broker.close()
})
