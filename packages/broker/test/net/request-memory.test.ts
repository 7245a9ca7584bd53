import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRequest, Produce } from '@rivven/protocol'
import { silentLog } from '../../src/log-output.js'
import { Connections } from '../../src/net/connections.js'
import { Deadlines } from '../../src/net/deadlines.js'
import { Refusals } from '../../src/net/refusals.js'
import { RequestMemory } from '../../src/net/request-memory.js'
import { settled, TestClock } from '../coordinator/test-clock.js'
import { Rig, versions } from './pipeline-rig.js'

const MIB = 1024 * 1024

/** Connections that share memory for requests, with limits of two or so MiB. */
class Shared {
  readonly clock = new TestClock()
  readonly deadlines = new Deadlines(this.clock)
  readonly memory: RequestMemory
  #connections: Connections | undefined

  constructor(limit: number) {
    const { clock, deadlines } = this
    const refusals = new Refusals(clock, silentLog())
    this.memory = new RequestMemory({ clock, deadlines, refusals, limit, small: 64 * 1024, fullText: 'full' })
  }

  open(): Rig {
    const { clock, memory } = this
    const rig = new Rig({ clock, memory, lookAt: (one, time) => this.#connections?.lookAt(one, time) })
    this.#connections ??= new Connections(rig.services, this.deadlines)
    this.#connections.add(rig.connected, 0)
    return rig
  }
}

/** A request of so many bytes. */
function large(id: number, bytes: number): Buffer {
  const records = Buffer.alloc(bytes)
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
  return Buffer.concat(
    encodeRequest(Produce, 7, { correlationId: id, clientId: 'c' }, { acks: -1, timeoutMs: id, topicData }),
  )
}

test('where there is no memory no large request begins, small ones are served, and it begins when there is room', async () => {
  const shared = new Shared(2 * MIB)
  const [first, second, small] = [shared.open(), shared.open(), shared.open()]
  first.stream.feed(large(1, 2 * MIB))
  assert.deepEqual(first.begun, ['produce 1'])
  second.stream.feed(large(2, MIB).subarray(0, 50_000))
  assert.equal(second.stream.isPaused, true)
  small.stream.feed(versions(3))
  assert.deepEqual(small.stream.answered, [3])
  assert.equal(small.stream.isPaused, false)
  await first.done('produce 1')
  await settled()
  assert.equal(second.stream.isPaused, false)
  second.stream.feed(large(2, MIB).subarray(50_000))
  assert.deepEqual(second.begun, ['produce 2'])
  await second.done('produce 2')
  assert.equal(shared.memory.total, 0)
})

test('of large requests that have begun the one that holds most comes to its end, then the next', async () => {
  const shared = new Shared(3 * MIB)
  const rigs = [shared.open(), shared.open(), shared.open()]
  const [small, largest, late] = rigs as [Rig, Rig, Rig]
  const request = large(1, 3 * MIB)
  largest.stream.feed(request.subarray(0, 1_200_000))
  small.stream.feed(large(0, MIB).subarray(0, 600_000))
  late.stream.feed(large(2, 2 * MIB).subarray(0, 600))
  largest.stream.feed(request.subarray(1_200_000, 2_000_000))
  assert.deepEqual(
    rigs.map(({ stream }) => stream.isPaused),
    [true, false, true],
  )
  largest.stream.feed(request.subarray(2_000_000))
  assert.deepEqual(largest.begun, ['produce 1'])
  await largest.done('produce 1')
  await settled()
  assert.deepEqual(
    rigs.map(({ stream }) => stream.isPaused),
    [false, false, false],
  )
})

test('a large request that stands in the way of all others and does not end is closed after ten seconds', async () => {
  const shared = new Shared(MIB)
  const [slow, other] = [shared.open(), shared.open()]
  const bytes = large(1, 8 * MIB)
  slow.stream.feed(bytes.subarray(0, 2 * MIB))
  other.stream.feed(large(2, MIB).subarray(0, 50_000))
  assert.equal(other.stream.isPaused, true)
  for (let second = 0; second < 9; second++) {
    await shared.clock.advance(1_000)
    slow.stream.feed(bytes.subarray(2 * MIB + second, 2 * MIB + second + 1))
  }
  assert.equal(slow.stream.isEnded, false)
  await shared.clock.advance(2_100)
  assert.equal(slow.stream.isEnded, true)
  assert.equal(slow.services.refusals.counts.get('request_memory'), 1)
  await settled()
  assert.equal(other.stream.isPaused, false)
})

test('a connection that goes gives back what it held', () => {
  const shared = new Shared(MIB)
  const rig = shared.open()
  rig.stream.feed(large(1, 2 * MIB).subarray(0, MIB))
  assert.ok(shared.memory.total > 0)
  rig.stream.lose()
  assert.equal(shared.memory.total, 0)
})
