import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AddPartitionsToTxn,
  AlterConfigs,
  AlterPartitionReassignments,
  ConsumerGroupHeartbeat,
  DescribeConfigs,
  DescribeQuorum,
  ErrorCode,
  FindCoordinator,
  GetTelemetrySubscriptions,
  IncrementalAlterConfigs,
  PushTelemetry,
  RivvenCall,
  UpdateFeatures,
  writeMetrics,
} from '@rivven/protocol'
import { RawConnection } from '../support/raw-connection.js'
import { GuardedBroker } from './guarded-broker.js'
import { testRecordings } from './in-process.js'
import { allRoutes, listenToHandlers, rowOf } from './rights-asked.js'

const { asked, misfits } = await listenToHandlers()

testRecordings(
  ({ security = false }) => security,
  (settings) => GuardedBroker.start(settings),
)

const group = { resourceType: 32, resourceName: 'g', configs: [], configurationKeys: null }
const transaction = { transactionalId: 'x', topics: [{ name: 't', partitions: [0] }] }
const update = { feature: 'transaction.version', maxVersionLevel: 2, upgradeType: 1 }
const shareKey = 'g:AAAAAAAAAAAAAAAAAAAAAA:0'

/** It is asked by somebody without any right; the answer's errors. */
type Unrecorded = [what: string, ask: (anonymous: RawConnection) => Promise<number[]>, error: keyof typeof ErrorCode]

const unrecorded: Unrecorded[] = [
  [
    'DescribeConfigs of a group',
    async (anonymous) => errors((await anonymous.call(DescribeConfigs, 4, { resources: [group] })).results),
    'GROUP_AUTHORIZATION_FAILED',
  ],
  [
    'AlterConfigs of a group',
    async (anonymous) => errors((await anonymous.call(AlterConfigs, 2, { resources: [group] })).responses),
    'GROUP_AUTHORIZATION_FAILED',
  ],
  [
    'IncrementalAlterConfigs of a group',
    async (anonymous) => errors((await anonymous.call(IncrementalAlterConfigs, 1, { resources: [group] })).responses),
    'GROUP_AUTHORIZATION_FAILED',
  ],
  [
    'ConsumerGroupHeartbeat',
    async (anonymous) => errors([await anonymous.call(ConsumerGroupHeartbeat, 0, { groupId: 'g' })]),
    'GROUP_AUTHORIZATION_FAILED',
  ],
  [
    'FindCoordinator of a share group',
    async (anonymous) =>
      errors((await anonymous.call(FindCoordinator, 6, { keyType: 2, coordinatorKeys: [shareKey] })).coordinators),
    'CLUSTER_AUTHORIZATION_FAILED',
  ],
  [
    'AlterPartitionReassignments',
    async (anonymous) => errors([await anonymous.call(AlterPartitionReassignments, 0, { topics: [] })]),
    'CLUSTER_AUTHORIZATION_FAILED',
  ],
  [
    'DescribeQuorum',
    async (anonymous) => errors([await anonymous.call(DescribeQuorum, 2, { topics: [] })]),
    'CLUSTER_AUTHORIZATION_FAILED',
  ],
  [
    'UpdateFeatures',
    async (anonymous) => errors([await anonymous.call(UpdateFeatures, 1, { featureUpdates: [update] })]),
    'CLUSTER_AUTHORIZATION_FAILED',
  ],
  [
    'AddPartitionsToTxn as a broker asks',
    async (anonymous) => {
      const { resultsByTransaction } = await anonymous.call(AddPartitionsToTxn, 5, { transactions: [transaction] })
      const partitions = resultsByTransaction.flatMap(({ topicResults }) =>
        topicResults.flatMap(({ resultsByPartition }) => resultsByPartition),
      )
      return partitions.map(({ partitionErrorCode }) => partitionErrorCode)
    },
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  ],
  ...['GET /api/cluster', 'POST /api/cluster/brokers/1/draining', 'POST /api/cluster/nudges'].map((name) => {
    const [method = '', path = ''] = name.split(' ')
    const ask = async (anonymous: RawConnection) => {
      const { status } = await anonymous.call(RivvenCall, 0, { method, path })
      return [status === 403 ? ErrorCode.CLUSTER_AUTHORIZATION_FAILED : status]
    }
    return [`RivvenCall of ${name}`, ask, 'CLUSTER_AUTHORIZATION_FAILED'] as Unrecorded
  }),
]

function errors(results: readonly { errorCode: number }[]): number[] {
  return results.map(({ errorCode }) => errorCode)
}

test('what no recording asks is forbidden, too, to whoever has no right', async () => {
  const broker = await GuardedBroker.start({})
  const anonymous = await RawConnection.open(broker.plain.port)
  try {
    for (const [what, ask, error] of unrecorded) assert.deepEqual(await ask(anonymous), [ErrorCode[error]], what)
  } finally {
    anonymous.destroy()
    await broker.close()
  }
})

test('whoever has no right on a group may tell of it, and is not denied: it only does not count', async () => {
  const broker = await GuardedBroker.start({})
  const anonymous = await RawConnection.open(broker.plain.port)
  try {
    const { clientInstanceId, subscriptionId } = await anonymous.call(GetTelemetrySubscriptions, 0, {})
    const metrics = writeMetrics({ attributes: { group_id: 'g', group_member_id: 'm' }, values: {}, now: 0 })
    const push = { clientInstanceId, subscriptionId, metrics }
    assert.deepEqual(errors([await anonymous.call(PushTelemetry, 0, push)]), [ErrorCode.NONE])
  } finally {
    anonymous.destroy()
    await broker.close()
  }
})

test('the audit hears of a denial just where an answer has the error of one', () => {
  assert.deepEqual(misfits, [])
})

test('calls of Rivven’s own API are forbidden to whoever has no right', async () => {
  const broker = await GuardedBroker.start({})
  const anonymous = await RawConnection.open(broker.plain.port)
  try {
    for (const { name, rights } of await allRoutes()) {
      const [method = '', path = ''] = name.replaceAll(/:\w+/g, 'x').split(' ')
      const { status } = await anonymous.call(RivvenCall, 0, { method, path, body: null })
      assert.equal(status === 403, rights.needs !== undefined, `${name}: ${status}`)
    }
    const producers = { method: 'GET', path: '/api/transactions/producers?topic=x' }
    assert.equal((await anonymous.call(RivvenCall, 0, producers)).status, 403)
  } finally {
    anonymous.destroy()
    await broker.close()
  }
})

/** Asked only in the moment of a rebalance, so that a recording may or may not reach it: rebalance-hints.test.ts does. */
const unsure: readonly (readonly [api: string, right: string])[] = [
  ['Fetch', 'READ GROUP'],
  // Lists have nothing in them of which they could ask.
  ['RivvenCall', 'DESCRIBE TRANSACTIONAL_ID'],
]

test('each API has asked for just the rights of its row in the table', async () => {
  for (const [api, right] of unsure) asked.get(api)?.add(right)
  const rows = await Promise.all(Array.from(asked.keys(), async (api) => [api, [...(await rowOf(api))].sort()]))
  assert.deepEqual(
    Array.from(asked, ([api, rights]) => [api, [...rights].sort()]),
    rows,
  )
})
