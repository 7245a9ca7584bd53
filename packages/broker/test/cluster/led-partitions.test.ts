import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { buildBatch, ErrorCode } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import type { Assigned, Handed } from '../../src/cluster/cluster.js'
import { type LeaderListener, LedPartitions } from '../../src/cluster/led-partitions.js'
import { Transitions } from '../../src/cluster/transitions.js'
import { LogStore } from '../../src/log/log-store.js'
import { silentLog } from '../../src/log-output.js'
import { memoryStorage } from '../../src/open-storage.js'
import { settled, TestClock } from '../coordinator/test-clock.js'
import { topicConfig } from '../log/record-vectors.js'

const topic = { name: 't', id: 'AAAAAAAAAAAAAAAAAAAAAQ', configs: topicConfig({}) }
const batch = () => buildBatch({ records: [{ key: null, value: Buffer.from('v'), timestamp: 1 }] })
const ours = { acks: -1, origin: 'coordinator' } as const
const { NONE, NOT_LEADER_OR_FOLLOWER } = ErrorCode

/** What is led here, over a memory storage; of topic `t` a listener that notes what it is told. */
class Leading {
  readonly clock = new TestClock()
  readonly transitions = new Transitions(this.clock)
  readonly storage = memoryStorage(nodeRuntime())
  readonly logs = new LogStore({ storage: this.storage, clock: this.clock })
  readonly seen: string[] = []
  readonly until: (Promise<void> | undefined)[] = []
  readonly listener: LeaderListener = {
    gain: async (partition, log) => void this.seen.push(`gain ${partition} epoch ${log.leaderEpoch}`),
    lose: async (partition, until) => {
      this.seen.push(`lose ${partition}`)
      this.until.push(until)
    },
  }
  readonly life = new AbortController()
  readonly led = new LedPartitions({
    ...{ logs: this.logs, transitions: this.transitions, log: silentLog() },
    listeners: new Map([['t', this.listener]]),
  })

  handOver(assign: () => Promise<Assigned>, patienceMs = 0, isUrgent = true): Promise<Handed> {
    return this.led.handOver('t', 0, { ...{ assign, patienceMs, isUrgent, signal: this.life.signal }, begun })
  }
}

const begun = () => undefined

test('an opened partition takes requests, and its coordinator has it', async () => {
  const { led, logs, seen, transitions } = new Leading()
  await led.open(topic, [0, 1], 7)
  assert.deepEqual(seen, ['gain 0 epoch 7', 'gain 1 epoch 7'])
  assert.equal((await logs.get('t', 1)!.append(batch(), ours)).errorCode, NONE)
  assert.equal(transitions.isAny, false)
})

test('a partition that cannot be opened or served does not keep the others from it', async () => {
  const { led, listener, seen, logs, transitions } = new Leading()
  const { gain } = listener
  listener.gain = (partition, log) => (partition === 0 ? Promise.reject(new Error('odd')) : gain(partition, log))
  await led.open(topic, [0, 1], 1)
  assert.deepEqual(seen, ['gain 1 epoch 1'])
  logs.open = () => Promise.reject(new Error('disk'))
  await led.open(topic, [2], 1)
  assert.equal(transitions.isAny, false)
})

test('handed over: the coordinator ends, all that was taken is stored and answered, then another one is named', async () => {
  const leading = new Leading()
  const { led, logs, seen, transitions } = leading
  await led.open(topic, [0], 1)
  const log = logs.get('t', 0)!
  const appended = log.append(batch(), ours)
  const assigned = await leading.handOver(async () => {
    seen.push('assign')
    assert.equal((await appended).errorCode, NONE)
    assert.ok(transitions.isLeaving('t', 0))
    assert.equal((await log.append(batch(), ours)).errorCode, NOT_LEADER_OR_FOLLOWER)
    assert.equal((await log.read({ offset: 0, maxBytes: 1_000, atLeastOne: true, isolation: 'all' })).errorCode, NONE)
    return 'elsewhere'
  })
  assert.equal(assigned, 'elsewhere')
  assert.deepEqual(seen.slice(1, 3), ['lose 0', 'assign'])
  assert.equal(logs.get('t', 0), undefined)
  assert.equal(transitions.isAny, false)
})

test('groups that wait for the end of a hand-over are told when it is over', async () => {
  const leading = new Leading()
  await leading.led.open(topic, [0], 1)
  let over = false
  await leading.handOver(async () => {
    void leading.until[0]?.then(() => {
      over = true
    })
    await settled()
    assert.equal(over, false)
    return 'elsewhere'
  })
  await settled()
  assert.equal(over, true)
})

test('where nobody else took it, it is closed all the same, and opened with a new epoch', async () => {
  const leading = new Leading()
  const { led, logs, seen } = leading
  await led.open(topic, [0], 1)
  await logs.get('t', 0)!.append(batch(), ours)
  assert.equal(await leading.handOver(async () => 'still here'), 'still here')
  await led.open(topic, [0], 2)
  assert.equal(logs.get('t', 0)?.logEndOffset, 1)
  assert.equal(seen.at(-1), 'gain 0 epoch 2')
})

test('a hand-over waits while a rebalance is under way, and requests do not wait with it', async () => {
  const leading = new Leading()
  const { led, listener, seen, transitions } = leading
  let calm: () => void = () => undefined
  listener.calm = (_, patienceMs) => {
    seen.push(`calm ${patienceMs}`)
    return new Promise((resolve) => {
      calm = () => resolve(true)
    })
  }
  await led.open(topic, [0], 1)
  const handed = leading.handOver(async () => 'elsewhere', 1_000)
  await settled()
  assert.deepEqual(seen.slice(1), ['calm 1000'])
  assert.equal(transitions.isAny, false)
  calm()
  assert.equal(await handed, 'elsewhere')
})

test('where groups are not calm in time, what is urgent is handed over, and anything else stays as it is', async () => {
  const leading = new Leading()
  const { led, listener, logs } = leading
  listener.calm = async () => false
  await led.open(topic, [0], 1)
  const log = logs.get('t', 0)!
  const handed = await leading.handOver(() => assert.fail('nobody is asked'), 1_000, false)
  assert.equal(handed, 'busy')
  assert.equal((await log.append(batch(), ours)).errorCode, NONE)
  assert.deepEqual(getEventListeners(leading.life.signal, 'abort'), [])
  assert.equal(await leading.handOver(async () => 'elsewhere', 1_000, true), 'elsewhere')
})

test('a broker that may have been replaced gives up what it hands over: what waits for storage is told at once', async () => {
  const leading = new Leading()
  const { led, logs, life } = leading
  await led.open(topic, [0], 1)
  logs.drain = () => new Promise(() => undefined)
  const handed = leading.handOver(() => assert.fail('nothing is assigned any more'))
  await settled()
  life.abort()
  assert.equal(await handed, 'elsewhere')
  assert.equal(logs.get('t', 0), undefined)
})

test('hand-overs leave nothing behind at the life of their broker, which is long', async () => {
  const leading = new Leading()
  await leading.led.open(topic, [0], 1)
  await leading.handOver(async () => 'elsewhere')
  assert.deepEqual(getEventListeners(leading.life.signal, 'abort'), [])
})

test('a lost partition ends at once: the log first, so that its coordinator waits for nothing', async () => {
  const { led, logs, listener, seen } = new Leading()
  await led.open(topic, [0], 1)
  const log = logs.get('t', 0)!
  listener.lose = async () => void seen.push(`lost ${(await log.append(batch(), ours)).errorCode}`)
  await led.lose('t', 0)
  assert.deepEqual(seen, ['gain 0 epoch 1', `lost ${NOT_LEADER_OR_FOLLOWER}`])
  await led.lose('t', 0)
  await led.lose('other', 3)
})

test('what is appended is stored when a hand-over is done: the next leader goes on behind it', async () => {
  const leading = new Leading()
  const { led, logs, storage } = leading
  await led.open(topic, [0], 1)
  await logs.get('t', 0)!.append(batch(), ours)
  await leading.handOver(async () => 'elsewhere')
  const next = new LogStore({ storage, clock: leading.clock })
  await next.open(topic, [0], 2)
  assert.equal(next.get('t', 0)?.logEndOffset, 1)
})

test('as many partitions as there are are handed over at a time, and Node warns of no leak', async (t) => {
  const { led, life } = new Leading()
  const partitions = Array.from({ length: 12 }, (_, partition) => partition)
  await led.open(topic, partitions, 1)
  const warned = t.mock.fn()
  process.on('warning', warned)
  t.after(() => process.off('warning', warned))
  const assign = async (): Promise<Assigned> => 'elsewhere'
  const options = { assign, begun, patienceMs: 0, isUrgent: true, signal: life.signal }
  await Promise.all(partitions.map((partition) => led.handOver('t', partition, options)))
  await new Promise(setImmediate)
  assert.equal(warned.mock.callCount(), 0)
})
