import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  commitInTransaction,
  defaultGroupConfig,
  endTransaction,
  fetchOffsets,
  txnOffsetCommitRefusal,
} from '@rivven/groups'
import { ErrorCode } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import {
  addPartitions,
  addPartitionsRefusal,
  endTransaction as endTxn,
  endTxnRefusal,
  initProducerId,
  initProducerIdRefusal,
  markersWritten,
  type WriteMarkers,
} from '@rivven/transactions'
import { GroupRules } from '../../src/coordinator/groups/group-rules.js'
import { ShardHost } from '../../src/coordinator/shards/shard-host.js'
import { TransactionRules } from '../../src/coordinator/transactions/transaction-rules.js'
import { silentLog } from '../../src/log-output.js'
import { asker, commitOf } from './group-requests.js'
import { HeldLog } from './held-log.js'
import { settled, TestClock } from './test-clock.js'

const runtime = { clock: new TestClock(), random: { uuid: () => 'id' } } as unknown as Runtime
const logger = silentLog()

/** The groups of one partition, and what transactions do to them. */
async function groupsOn(log: HeldLog) {
  const host = new ShardHost({
    log,
    runtime,
    logger,
    rules: new GroupRules({ runtime, config: defaultGroupConfig, logger }),
  })
  await host.load()
  return {
    hold: async (producerId: number, offset: number) => {
      const { topics } = commitOf('g', { 0: offset })
      const member = { generationId: -1, memberId: '', groupInstanceId: null }
      const request = { transactionalId: 'x', groupId: 'g', producerId, producerEpoch: 0, ...member, topics }
      const refuse = (errorCode: number) => txnOffsetCommitRefusal(request, errorCode)
      return (await host.run({ run: commitInTransaction, refuse }, request, asker)).topics[0]!.partitions[0]!.errorCode
    },
    end: (producerId: number, committed: boolean) => {
      const ended = { producerId, producerEpoch: 0, committed, coordinatorEpoch: 0, transactionVersion: 0 }
      return host.run({ run: endTransaction, refuse: (errorCode: number) => errorCode }, ended, asker)
    },
    /** The committed offset, and whether it may change with an open transaction. */
    look: () => {
      const topics = [{ ...commitOf('g', {}).topics[0]!, partitionIndexes: [0] }]
      const found = (stable: boolean) =>
        fetchOffsets(host.shard, { groupId: 'g', topics }, stable).topics[0]!.partitions[0]!
      return [found(false).committedOffset, found(true).errorCode === ErrorCode.UNSTABLE_OFFSET_COMMIT] as const
    },
  }
}

test('offsets of a transaction count from its marker on, and the last of the log wins, also after a load at any point', async () => {
  const log = new HeldLog()
  const live = await groupsOn(log)
  const seen: (readonly [number, boolean])[] = [live.look()]
  const note = () => seen.push(live.look())
  await live.hold(1, 10)
  note()
  await live.hold(2, 20)
  note()
  await live.end(2, true)
  note()
  await live.end(1, true)
  note()
  await live.hold(1, 30)
  note()
  await live.end(1, false)
  note()
  assert.deepEqual(seen, [
    [-1, false],
    [-1, true],
    [-1, true],
    [20, true],
    [20, false],
    [20, true],
    [20, false],
  ])
  const { batches } = log
  for (let count = 0; count <= batches.length; count++) {
    const before = new HeldLog()
    before.batches = batches.slice(0, count)
    assert.deepEqual((await groupsOn(before)).look(), seen[count], `after ${count} batches`)
  }
})

/** The transactions of one partition; markers that it asks for are kept. */
async function transactionsOn(log: HeldLog) {
  const asked: WriteMarkers[] = []
  let ids = 100
  const rules = new TransactionRules({ newProducerId: () => ids++ }, (effect) => void asked.push(effect))
  const host = new ShardHost({ log, runtime, logger, rules })
  await host.load()
  const producer = { transactionalId: 'x', producerId: 100, producerEpoch: 0 }
  return {
    asked,
    state: () => host.shard.transactions.get('x')?.state,
    init: () => {
      const refuse = (errorCode: number) => initProducerIdRefusal(errorCode, 5)
      const request = { transactionalId: 'x', transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
      return host.run({ run: initProducerId, refuse }, request, asker)
    },
    add: () => {
      const request = { ...producer, verifyOnly: false, topics: [{ name: 't', partitions: [0, 1] }] }
      return host.run(
        { run: addPartitions, refuse: (code: number) => addPartitionsRefusal(request, code) },
        request,
        asker,
      )
    },
    end: (committed: boolean) =>
      host.run({ run: endTxn, refuse: endTxnRefusal }, { ...producer, committed }, { ...asker, apiVersion: 4 }),
    written: (markers: WriteMarkers) => host.act((shard, now) => markersWritten(shard, markers, now)),
  }
}

test('markers are asked for when the outcome is durable, not before, and not if it could not be stored', async () => {
  for (const isStored of [true, false]) {
    const log = new HeldLog()
    const transactions = await transactionsOn(log)
    await transactions.init()
    await transactions.add()
    log.holds = true
    const ended = transactions.end(true)
    await settled()
    assert.deepEqual(transactions.asked, [])
    log.holds = false
    if (isStored) log.sync()
    else log.fail(ErrorCode.KAFKA_STORAGE_ERROR)
    const { errorCode } = await ended
    await settled()
    assert.equal(errorCode === ErrorCode.NONE, isStored)
    assert.equal(transactions.asked.length, isStored ? 1 : 0)
    assert.equal(transactions.state(), isStored ? 'PrepareCommit' : 'Ongoing')
  }
})

test('killed after any record, a transaction keeps the outcome that was decided, and its markers are asked for again', async () => {
  const log = new HeldLog()
  const live = await transactionsOn(log)
  await live.init()
  await live.add()
  await live.end(true)
  live.written(live.asked[0]!)
  await settled()
  const states = [undefined, 'Empty', 'Ongoing', 'PrepareCommit', 'CompleteCommit']
  assert.equal(log.batches.length, states.length - 1)
  for (const [count, state] of states.entries()) {
    const left = new HeldLog()
    left.batches = log.batches.slice(0, count)
    const again = await transactionsOn(left)
    await settled()
    assert.equal(again.state(), state)
    assert.deepEqual(again.asked, state === 'PrepareCommit' ? live.asked : [])
    if (state !== 'PrepareCommit') continue
    again.written(again.asked[0]!)
    assert.equal(again.state(), 'CompleteCommit')
  }
})
