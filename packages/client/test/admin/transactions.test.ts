import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DescribeProducers,
  DescribeTransactions,
  ErrorCode,
  FindCoordinator,
  InitProducerId,
  ListTransactions,
  type RequestOf,
  WriteTxnMarkers,
} from '@rivven/protocol'
import { adminScene } from './admin-scene.js'

test('transactions of all brokers are listed, with the filters that were given', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.scripts.set(ListTransactions, ({ broker }) => ({
    transactionStates: [{ transactionalId: `copier-${1 - broker}`, producerId: broker, transactionState: 'Ongoing' }],
  }))
  const found = await clock.until(
    admin.listTransactions({ states: ['Ongoing'], producerIds: [7], longerThanMs: 1000, idPattern: 'copier-.*' }),
  )
  assert.deepEqual(
    found.map(({ transactionalId, producerId, coordinator }) => [transactionalId, producerId, coordinator]),
    [
      ['copier-0', 1, 1],
      ['copier-1', 0, 0],
    ],
  )
  const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = tiny.requestsOf(
    ListTransactions,
  )[0]!.request as RequestOf<typeof ListTransactions>
  assert.deepEqual([stateFilters, producerIdFilters], [['Ongoing'], [7]])
  assert.deepEqual([durationFilter, transactionalIdPattern], [1000, 'copier-.*'])
})

test('a filter that a broker is too old for is refused, not ignored', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.versions = (api) => (api === ListTransactions ? { min: 0, max: 0 } : api.versions)
  const error = await clock.until(admin.listTransactions({ longerThanMs: 1 }).catch((error) => error))
  assert.equal(error.code, 'UNSUPPORTED_BY_BROKER')
})

test('a state that the broker does not know is an error that names those there are', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.scripts.set(ListTransactions, () => ({ unknownStateFilters: ['ongoing'] }))
  const error = await clock.until(admin.listTransactions({ states: ['ongoing'] }).catch((error) => error))
  assert.match(error.message, /"ongoing" is no state of a transaction\. There are Empty, Ongoing/)
})

test('a transaction is described by its coordinator, without a start when none is open', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.scripts.set(DescribeTransactions, ({ request }) => ({
    transactionStates: (request as RequestOf<typeof DescribeTransactions>).transactionalIds.map((transactionalId) => ({
      transactionalId,
      transactionState: 'Empty',
      transactionTimeoutMs: 60_000,
      transactionStartTimeMs: -1,
      producerId: 7,
      producerEpoch: 3,
      topics: [{ topic: 't', partitions: [2, 0] }],
    })),
  }))
  const [found] = await clock.until(admin.describeTransactions(['copier-0']))
  assert.deepEqual(found, {
    transactionalId: 'copier-0',
    state: 'Empty',
    producerId: 7,
    producerEpoch: 3,
    timeoutMs: 60_000,
    startedAt: null,
    partitions: [
      { topic: 't', partition: 0 },
      { topic: 't', partition: 2 },
    ],
    coordinator: 1,
  })
  assert.equal(tiny.requestsOf(DescribeTransactions)[0]!.broker, 1)
  assert.equal((tiny.requestsOf(FindCoordinator)[0]!.request as RequestOf<typeof FindCoordinator>).keyType, 1)
})

test('an id that is not there is an error with its name', async () => {
  const { clock, tiny, admin } = adminScene()
  const errorCode = ErrorCode.TRANSACTIONAL_ID_NOT_FOUND
  tiny.scripts.set(DescribeTransactions, () => ({ transactionStates: [{ errorCode, transactionalId: 'x' }] }))
  const error = await clock.until(admin.describeTransactions(['x']).catch((error) => error))
  assert.equal(error.code, 'TRANSACTIONAL_ID_NOT_FOUND')
  assert.equal(error.facts.transactionalId, 'x')
})

test('a hanging transaction is found at the leader of its partition, and ended there by a marker', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.createTopic('t', 2)
  const producer = { producerId: 7, producerEpoch: 3, lastSequence: 5, lastTimestamp: 99, coordinatorEpoch: -1 }
  tiny.scripts.set(DescribeProducers, () => ({
    topics: [
      { name: 't', partitions: [{ partitionIndex: 1, activeProducers: [{ ...producer, currentTxnStartOffset: 4 }] }] },
    ],
  }))
  const [found] = await clock.until(admin.describeProducers([{ topic: 't', partition: 1 }]))
  assert.deepEqual(found!.producers, [{ ...producer, transactionStartOffset: 4 }])
  assert.equal(tiny.requestsOf(DescribeProducers)[0]!.broker, 1)

  const place = { name: 't', partitions: [{ partitionIndex: 1 }] }
  tiny.scripts.set(WriteTxnMarkers, () => ({ markers: [{ producerId: 7, topics: [place] }] }))
  await clock.until(admin.abortTransaction({ topic: 't', partition: 1, ...producer }))
  const [asked] = tiny.requestsOf(WriteTxnMarkers)
  assert.equal(asked!.broker, 1)
  const { markers } = asked!.request as RequestOf<typeof WriteTxnMarkers>
  assert.deepEqual(markers, [
    {
      producerId: 7,
      producerEpoch: 3,
      transactionResult: false,
      topics: [{ name: 't', partitionIndexes: [1] }],
      coordinatorEpoch: 0,
      transactionVersion: 0,
    },
  ])
})

test('a marker that is refused is an error', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.createTopic('t', 1)
  const refused = [{ partitionIndex: 0, errorCode: ErrorCode.INVALID_PRODUCER_EPOCH }]
  tiny.scripts.set(WriteTxnMarkers, () => ({
    markers: [{ producerId: 7, topics: [{ name: 't', partitions: refused }] }],
  }))
  const hanging = { topic: 't', partition: 0, producerId: 7, producerEpoch: 1, coordinatorEpoch: 2 }
  const error = await clock.until(admin.abortTransaction(hanging).catch((error) => error))
  assert.equal(error.code, 'INVALID_PRODUCER_EPOCH')
  assert.match(error.message, /Aborting the transaction of producer 7 of t\/0/)
})

test('fencing asks again while the old transaction is being aborted', async () => {
  const { clock, tiny, admin } = adminScene()
  let asked = 0
  tiny.scripts.set(InitProducerId, () =>
    ++asked < 3 ? { errorCode: ErrorCode.CONCURRENT_TRANSACTIONS } : { producerId: 7, producerEpoch: 4 },
  )
  const found = await clock.until(admin.fenceProducers(['copier-0']))
  assert.deepEqual(found, [{ transactionalId: 'copier-0', producerId: 7, producerEpoch: 4 }])
  assert.equal(asked, 3)
  const { transactionalId, producerId, producerEpoch } = tiny.requestsOf(InitProducerId)[0]!.request as RequestOf<
    typeof InitProducerId
  >
  assert.deepEqual([transactionalId, producerId, producerEpoch], ['copier-0', -1, -1])
})
