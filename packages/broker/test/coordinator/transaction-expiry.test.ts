import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AddPartitionsToTxn, CreateTopics, DescribeTransactions, ErrorCode, InitProducerId } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { memoryStorage } from '../../src/open-storage.js'
import { HttpBroker } from '../http/http-broker.js'

const config = {
  http: 'off',
  transactional_id_expiration_ms: 1,
  transaction_remove_expired_transaction_cleanup_interval_ms: 5,
}

test('transactional ids that nobody uses are forgotten for good, those in a transaction are not', async () => {
  const storage = memoryStorage(nodeRuntime())
  let broker = await HttpBroker.start(config, storage)
  await broker.call(CreateTopics, 4, {
    topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }],
    timeoutMs: 5_000,
  })
  const add = async (transactionalId: string, producerId: number) => {
    const { resultsByTopicV3AndBelow } = await broker.call(AddPartitionsToTxn, 3, {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: 0,
      v3AndBelowTopics: [{ name: 't', partitions: [0] }],
    })
    return resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode
  }
  const describe = async (transactionalId: string) =>
    (await broker.call(DescribeTransactions, 0, { transactionalIds: [transactionalId] })).transactionStates[0]!

  // Whether its id is still there when its first partition comes is a matter of luck with so short a life.
  let busy = -1
  for (let isAdded = false; !isAdded; ) {
    busy = (await broker.call(InitProducerId, 4, { transactionalId: 'busy', transactionTimeoutMs: 60_000 })).producerId
    isAdded = (await add('busy', busy)) === ErrorCode.NONE
  }
  const idle = await broker.call(InitProducerId, 4, { transactionalId: 'idle', transactionTimeoutMs: 60_000 })
  while ((await describe('idle')).errorCode === ErrorCode.NONE);
  assert.equal((await describe('idle')).errorCode, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
  assert.equal(await add('idle', idle.producerId), ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  assert.equal((await describe('busy')).transactionState, 'Ongoing')
  await broker.close()

  broker = await HttpBroker.start({ ...config, transactional_id_expiration_ms: 60_000 }, storage)
  assert.equal((await describe('idle')).errorCode, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
  const { transactionState, producerId } = await describe('busy')
  assert.deepEqual([transactionState, producerId], ['Ongoing', busy])
  const again = await broker.call(InitProducerId, 4, { transactionalId: 'idle', transactionTimeoutMs: 60_000 })
  assert.notEqual(again.producerId, idle.producerId)
  await broker.close()
})
