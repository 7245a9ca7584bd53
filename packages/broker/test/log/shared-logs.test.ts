import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import { LogStore } from '../../src/log/log-store.js'
import type { PartitionLog } from '../../src/log/partition-log.js'
import { FaultyWire } from '../database/faulty-wire.js'
import { TwoBrokers } from '../storage/shared/two-brokers.js'
import { batchOf, sequenced } from './log-fixture.js'
import { topicConfig } from './record-vectors.js'

const orders = { name: 'orders', id: 'AAAAAAAAAAAAAAAAAAAAAQ', configs: topicConfig({}) }
const fromStart = { offset: 0, maxBytes: 1_000_000, atLeastOne: true, isolation: 'uncommitted' } as const
const asClient = { acks: -1, origin: 'client', produceVersion: 9 } as const

interface Led {
  readonly brokers: TwoBrokers
  readonly wire: FaultyWire
  readonly logs: LogStore
  readonly log: PartitionLog
  readonly faults: string[]
}

/** A log of broker 1 over a database that broker 2 reaches as well. */
async function led(limits: { queueMaxBytes?: number } = {}): Promise<Led> {
  const brokers = await TwoBrokers.start()
  const wire = new FaultyWire()
  const faults: string[] = []
  const { clock } = brokers
  const storage = brokers.storage(wire, limits)
  const logs = new LogStore({ storage, clock, onFault: (_partition, error) => faults.push(error.message) })
  await logs.open(orders, [0], 0)
  return { brokers, wire, logs, log: logs.get('orders', 0)!, faults }
}

/** The same partition, as broker 2 leads it. */
async function takenOver({ brokers }: Led): Promise<PartitionLog> {
  await brokers.move(0, 2)
  await brokers.look()
  const logs = new LogStore({ storage: brokers.storage(), clock: brokers.clock })
  await logs.open(orders, [0], 1)
  return logs.get('orders', 0)!
}

test('a log finds out with its next append that it is led elsewhere: 6, for who waits, comes and reads', async () => {
  const one = await led()
  await one.log.append(batchOf(['a=1']), asClient)
  const two = await takenOver(one)
  let isTold = false
  one.log.onChange(() => {
    isTold = true
  })
  const answers = await Promise.all([
    one.log.append(batchOf(['b=2']), asClient),
    one.log.append(batchOf(['c=3']), { ...asClient, acks: 1 }),
  ])
  assert.deepEqual(
    answers.map(({ errorCode }) => errorCode),
    Array(2).fill(ErrorCode.NOT_LEADER_OR_FOLLOWER),
  )
  assert.ok(isTold, 'fetches that wait look again')
  assert.equal((await one.log.append(batchOf(['d=4']), asClient)).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
  assert.equal((await one.log.read(fromStart)).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
  assert.deepEqual([one.log.isWritable, one.faults], [false, []], 'that is no fault of a disk')
  const { logs } = one
  assert.deepEqual(
    [logs.has('orders', 0), logs.get('orders', 0), logs.opened('orders', 0)],
    [false, undefined, undefined],
  )
  assert.equal(two.logEndOffset, 1)
})

test('a producer that sends again to the next leader is recognised, whatever the last one knew', async () => {
  const one = await led()
  await one.log.append(sequenced(7, 0, 0), asClient)
  one.wire.next('append', 'unanswered')
  const unknown = one.log.append(sequenced(7, 0, 1), asClient)
  await new Promise((resolve) => setImmediate(resolve))
  const two = await takenOver(one)
  assert.equal((await unknown).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
  const again = await two.append(sequenced(7, 0, 1), asClient)
  assert.deepEqual([again.errorCode, again.baseOffset, two.logEndOffset], [0, 1, 2])
  assert.deepEqual(two.endOffsetForEpoch(0), { leaderEpoch: 0, endOffset: 2 })
})

test('while too much waits to be stored appends are refused with 19, and what was not taken can be sent again', async () => {
  const { log, wire } = await led({ queueMaxBytes: 100 })
  await log.append(sequenced(7, 0, 0), asClient)
  const release = wire.hold()
  const taken = [log.append(sequenced(7, 0, 1), asClient), log.append(sequenced(7, 0, 2), asClient)]
  const refused = await log.append(sequenced(7, 0, 3), asClient)
  assert.deepEqual([refused.errorCode, refused.baseOffset], [ErrorCode.NOT_ENOUGH_REPLICAS, -1])
  release()
  assert.deepEqual(
    (await Promise.all(taken)).map(({ errorCode }) => errorCode),
    [0, 0],
  )
  const again = await log.append(sequenced(7, 0, 3), asClient)
  assert.deepEqual([again.errorCode, again.baseOffset], [0, 3])
})

test('a log that is lost during an outage answers at once, reads under way as well', async () => {
  const { log, logs, wire } = await led()
  await log.append(batchOf(['a=1']), asClient)
  const release = wire.hold()
  const reading = log.read(fromStart)
  const waiting = log.append(batchOf(['b=2']), asClient)
  await logs.lose('orders', 0)
  assert.equal((await waiting).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
  release()
  assert.equal((await reading).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
})

test('a log that is handed over has stored all that it took, and its next leader reads nothing again', async () => {
  const one = await led()
  const answer = one.log.append(batchOf(['a=1']), asClient)
  await one.logs.close()
  assert.equal((await answer).errorCode, 0)
  one.wire.calls.length = 0
  const two = await takenOver(one)
  assert.equal(two.logEndOffset, 1)
})

test('a partition that another broker leads by now does not keep the others of its topic closed', async () => {
  const brokers = await TwoBrokers.start(3)
  const logs = new LogStore({ storage: brokers.storage(), clock: brokers.clock })
  await brokers.move(1, 2)
  await brokers.look()
  await logs.open(orders, [0, 1, 2], 0)
  assert.deepEqual(
    [0, 1, 2].map((partition) => logs.has('orders', partition)),
    [true, false, true],
  )
  assert.equal(logs.get('orders', 1), undefined)
})

test('a topic that was made again under its name has logs of its own', async () => {
  const { logs, brokers, log } = await led()
  await log.append(batchOf(['a=1']), asClient)
  await logs.lose('orders', 0)
  const id = await brokers.makeAgain()
  await logs.open({ ...orders, id, configs: topicConfig({ maxMessageBytes: 10 }) }, [0], 0)
  const again = logs.get('orders', 0)!
  assert.equal(again.logEndOffset, 0)
  assert.equal((await again.append(batchOf(['b=2']), asClient)).errorCode, ErrorCode.MESSAGE_TOO_LARGE)
})

test('a log of many batches gets a checkpoint, so that its next leader reads few', async () => {
  const one = await led()
  for (let count = 0; count < 5000; count++) void one.log.append(batchOf(['a=1']), { ...asClient, acks: 0 })
  await one.logs.checkpoint()
  await one.log.append(batchOf(['b=2']), asClient)
  await one.logs.checkpoint()
  assert.equal(one.wire.calls.filter((call) => call === 'checkpoint').length, 1)
  await one.brokers.move(0, 2)
  const next = await one.brokers.open(one.brokers.storage())
  assert.deepEqual(next.owner.replayed, ['5000-5000'])
})

test('a log that was loaded with much to read gets a checkpoint soon', async () => {
  const one = await led()
  const appends = Array.from({ length: 5000 }, () => one.log.append(batchOf(['a=1']), asClient))
  await Promise.all(appends)
  await one.brokers.move(0, 2)
  const next = await one.brokers.open(one.brokers.storage())
  assert.equal(next.store.wantsCheckpoint, true)
  await next.store.checkpoint(0, Buffer.from('state'))
  assert.equal(next.store.wantsCheckpoint, false)
})
