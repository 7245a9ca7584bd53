import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  deadlineOf,
  describeTransaction,
  listTransactions,
  readFilters,
  type TransactionVersion,
  unaddableResult,
} from '../src/index.js'
import { codeOf, Host, identityOf } from './support/host.js'

const first = { producerId: 1000, producerEpoch: 0 }

function begun(transactionVersion: TransactionVersion = 2): Host {
  const host = new Host({ transactionVersion })
  host.init()
  host.add(first, [0, 1])
  return host
}

test('the outcome is answered before the markers are written, and complete after the last of them', () => {
  const host = begun()
  const end = host.end(first, true, 3)
  assert.equal(codeOf(end), 0)
  assert.equal(host.transaction().state, 'PrepareCommit')
  assert.deepEqual(end.effects, [
    {
      kind: 'WriteMarkers',
      transactionalId: 'x',
      ...first,
      committed: true,
      transactionVersion: 0,
      partitions: [{ topic: 't', partitions: [0, 1] }],
    },
  ])
  host.written(end.effects[0], [{ topic: 't', partitions: [1] }])
  assert.deepEqual(describeTransaction(host.shard, 'x').topics, [{ topic: 't', partitions: [0] }])
  host.written(end.effects[0], [{ topic: 't', partitions: [0] }])
  assert.equal(host.transaction().state, 'CompleteCommit')
  assert.deepEqual(host.transaction().partitions, [])
})

test('EndTxn 5 raises the epoch, and its markers carry the new one', () => {
  const host = begun()
  const end = host.end(first, false, 5)
  assert.deepEqual(identityOf(end), { errorCode: 0, producerId: 1000, producerEpoch: 1 })
  assert.deepEqual([end.effects[0]?.producerEpoch, end.effects[0]?.transactionVersion], [1, 2])
  host.written(end.effects[0])
  assert.equal(codeOf(host.add(first, [0], { apiVersion: 5 })), 90)
  assert.equal(codeOf(host.add({ producerId: 1000, producerEpoch: 1 }, [0], { apiVersion: 5 })), 0)
})

test('EndTxn 5 at the last epoch goes on under a new producer id, and may be repeated', () => {
  const host = new Host()
  host.given({ producerEpoch: 32_766, state: 'Ongoing', partitions: [{ topic: 't', partitions: [0] }] })
  const last = { producerId: 7, producerEpoch: 32_766 }
  const end = host.end(last, true, 5)
  assert.deepEqual(identityOf(end), { errorCode: 0, producerId: 1000, producerEpoch: 0 })
  assert.deepEqual([end.effects[0]?.producerId, end.effects[0]?.producerEpoch], [7, 32_767])
  assert.equal(codeOf(host.end(last, true, 5)), 51)
  host.written(end.effects[0])
  host.restart()
  assert.deepEqual(identityOf(host.end(last, true, 5)), { errorCode: 0, producerId: 1000, producerEpoch: 0 })
  assert.equal(codeOf(host.end(last, false, 5)), 48)
})

test('an abort of nothing by EndTxn 5 raises the epoch without markers', () => {
  const host = new Host()
  host.init()
  const end = host.end(first, false, 5)
  assert.deepEqual(identityOf(end), { errorCode: 0, producerId: 1000, producerEpoch: 1 })
  assert.deepEqual(end.effects, [])
  assert.deepEqual([host.transaction().state, host.transaction().partitions], ['CompleteAbort', []])
  assert.ok(host.transaction().startTimestamp > 0)
})

test('only new partitions are written down', () => {
  const host = begun()
  assert.equal(host.add(first, [1, 0]).events.length, 0)
  assert.equal(host.add(first, [1, 2]).events.length, 1)
  assert.equal(host.addOffsets(first).events.length, 1)
  assert.equal(host.addOffsets(first).events.length, 0)
  assert.deepEqual(host.transaction().partitions, [
    { topic: 't', partitions: [0, 1, 2] },
    { topic: '__consumer_offsets', partitions: [3] },
  ])
})

test('each partition that is only verified has an answer of its own', () => {
  const [reply] = begun().add(first, [0, 4], { apiVersion: 5, verifyOnly: true }).replies
  assert.deepEqual(reply?.response, {
    transactionalId: 'x',
    topicResults: [
      {
        name: 't',
        resultsByPartition: [
          { partitionIndex: 0, partitionErrorCode: 0 },
          { partitionIndex: 4, partitionErrorCode: 120 },
        ],
      },
    ],
  })
})

for (const version of [0, 1, 2] as const) {
  test(`a transaction whose time is over is aborted with a raised epoch: transaction.version ${version}`, () => {
    const host = begun(version)
    host.pass(30_000)
    host.add(first, [2])
    assert.equal(deadlineOf(host.shard, 'x'), host.now.monotonic + 30_000, 'the time runs from the first partition')
    host.pass(29_999)
    assert.deepEqual(host.tick().events, [])
    host.pass(1)
    const { effects } = host.tick()
    assert.deepEqual([effects[0]?.producerEpoch, effects[0]?.committed], [1, false])
    assert.equal(effects[0]?.transactionVersion, version === 2 ? 2 : 0)
    assert.equal(deadlineOf(host.shard, 'x'), Number.POSITIVE_INFINITY)
    host.written(effects[0])
    assert.equal(codeOf(host.end(first, false, 3)), 90)
    // KIP-890: the raised epoch looks like the one of the client's own abort.
    const again = identityOf(host.end(first, false, 5))
    assert.deepEqual(again, { errorCode: 0, producerId: 1000, producerEpoch: 1 })
    assert.equal(codeOf(host.end(first, true, 5)), 48)
    assert.equal(codeOf(host.init({ producerId: 1000, producerEpoch: 0 })), version === 2 ? 0 : 90)
  })
}

test('the time goes on over a restart, whatever the clock says meanwhile', () => {
  const host = begun()
  host.now = { wall: host.now.wall + 20_000, monotonic: 100 }
  host.restart()
  assert.equal(deadlineOf(host.shard, 'x'), 40_100)
  host.now = { wall: host.now.wall - 1_000_000, monotonic: 100 }
  assert.equal(host.restart().deadline, 60_100)
  host.now = { wall: host.now.wall + 10_000_000, monotonic: 100 }
  assert.equal(host.restart().deadline, 100)
})

test('a transaction that cannot be aborted for want of a producer id is looked at again', () => {
  const host = new Host()
  host.given({ producerEpoch: 32_766, state: 'Ongoing', partitions: [{ topic: 't', partitions: [0] }] })
  host.hasProducerIds = false
  host.pass(100_000)
  host.restart()
  assert.deepEqual(host.tick().events, [])
  assert.ok(deadlineOf(host.shard, 'x') > host.now.monotonic)
  host.pass(1_000)
  host.hasProducerIds = true
  assert.equal(host.tick().effects.length, 1)
})

test('a load asks for all markers of a decided transaction again', () => {
  const host = begun()
  const end = host.end(first, true, 5)
  host.written(end.effects[0], [{ topic: 't', partitions: [1] }])
  const { effects } = host.restart()
  assert.deepEqual(effects, end.effects)
  // The one before the restart was written after all.
  host.written(end.effects[0])
  assert.equal(host.transaction().state, 'CompleteCommit')
  assert.deepEqual(host.written(effects[0]).events, [])
})

test('a load completes what was decided and needs no marker', () => {
  const host = new Host()
  host.given({ state: 'PrepareAbort', partitions: [], nextProducerId: 9, clientTransactionVersion: 2 })
  assert.deepEqual(host.restart().effects, [])
  assert.deepEqual([host.transaction().state, host.transaction().producerId], ['CompleteAbort', 9])
})

test('a crash before the end is stored leaves the transaction open', () => {
  const host = begun()
  const before = host.log.length
  host.end(first, true, 5)
  host.restart(before)
  assert.equal(host.transaction().state, 'Ongoing')
  assert.equal(codeOf(host.end(first, true, 5)), 0)
})

test('markers of another epoch or an earlier transaction complete nothing', () => {
  const host = begun()
  const { effects } = host.end(first, true, 5)
  const markers = effects[0]!
  assert.deepEqual(host.written({ ...markers, producerEpoch: 0 }).events, [])
  assert.deepEqual(host.written({ ...markers, producerId: 5 }).events, [])
  assert.deepEqual(host.written({ ...markers, transactionalId: 'y' }).events, [])
  assert.equal(host.transaction().state, 'PrepareCommit')
})

test('ids that nobody uses are forgotten, open transactions never', () => {
  const host = new Host({ idExpirationMs: 1_000 })
  for (const transactionalId of ['idle', 'ended', 'open', 'prepared']) host.init({ transactionalId })
  host.given({ state: 'CompleteCommit', partitions: [] }, 'ended')
  host.given({ state: 'Ongoing', partitions: [] }, 'open')
  host.given({ state: 'PrepareCommit', partitions: [{ topic: 't', partitions: [0] }] }, 'prepared')
  host.pass(999)
  host.init({ transactionalId: 'fresh' })
  assert.deepEqual(host.expire().events, [])
  host.pass(1)
  host.expire()
  assert.deepEqual([...host.shard.transactions.keys()].sort(), ['fresh', 'open', 'prepared'])
  host.restart()
  assert.equal(host.shard.transactions.has('idle'), false)
})

test('what is not known is described as such', () => {
  const host = begun()
  assert.equal(describeTransaction(host.shard, '').errorCode, 42)
  assert.equal(describeTransaction(host.shard, 'none').errorCode, 105)
  assert.deepEqual(describeTransaction(host.shard, 'x'), {
    errorCode: 0,
    transactionalId: 'x',
    transactionState: 'Ongoing',
    transactionTimeoutMs: 60_000,
    transactionStartTimeMs: host.now.wall,
    ...first,
    topics: [{ topic: 't', partitions: [0, 1] }],
  })
})

test('transactions are listed by state, producer, duration and pattern', () => {
  const host = begun()
  host.init({ transactionalId: 'y' })
  host.pass(10)
  const list = (request: Partial<Parameters<typeof readFilters>[0]>) => {
    const none = { stateFilters: [], producerIdFilters: [], durationFilter: -1, transactionalIdPattern: null }
    const { filters, unknownStateFilters } = readFilters({ ...none, ...request })
    const ids = filters && listTransactions(host.shard, filters, host.now).map(({ transactionalId }) => transactionalId)
    return [ids, unknownStateFilters]
  }
  assert.deepEqual(list({}), [['x', 'y'], []])
  assert.deepEqual(list({ stateFilters: ['Empty', 'ongoing', 'Dead'] }), [['y'], ['ongoing']])
  assert.deepEqual(list({ stateFilters: ['Nonsense'] }), [[], ['Nonsense']])
  assert.deepEqual(list({ producerIdFilters: [1000, 5] }), [['x'], []])
  assert.deepEqual(list({ stateFilters: ['Ongoing'], durationFilter: 10 }), [[], []])
  assert.deepEqual(list({ stateFilters: ['Ongoing'], durationFilter: 9 }), [['x'], []])
  assert.deepEqual(list({ transactionalIdPattern: '[wx]' }), [['x'], []])
  assert.deepEqual(list({ transactionalIdPattern: '' }), [['x', 'y'], []])
  assert.deepEqual(list({ transactionalIdPattern: '(a+' }), [null, []])
})

test('next to a partition that cannot be added the others are not tried', () => {
  const topics = [{ name: 't', partitions: [0, 7] }]
  const request = { transactionalId: 'x', producerId: 1, producerEpoch: 0, verifyOnly: false, topics }
  const result = unaddableResult(request, (_, partition) => (partition === 7 ? 3 : 0))
  const codes = result?.topicResults[0]?.resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode)
  assert.deepEqual(codes, [55, 3])
  assert.equal(
    unaddableResult(request, () => 0),
    null,
  )
})
