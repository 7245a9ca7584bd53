import { fakeRuntime } from '@rivven/fakes'
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  type AddPartitionsToTxnRequest,
  type Api,
  ApiVersions,
  allApis,
  EndTxn,
  type EndTxnRequest,
  ErrorCode,
  FindCoordinator,
  type FindCoordinatorRequest,
  InitProducerId,
  type InitProducerIdRequest,
  TxnOffsetCommit,
  type TxnOffsetCommitRequest,
} from '@rivven/protocol'
import { Producer } from '../../../src/producer/producer.js'
import type { ProducerOptions } from '../../../src/producer/producer-options.js'
import { type Asked, TinyCluster } from '../../support/tiny-cluster.js'

/** The codes with which an API answers first, one after the other; then NONE. */
export type Codes = Map<Api, number[]>

/** A producer of transactions and a scripted coordinator, which says what a test wants it to. */
export function scene(level: 1 | 2, options: Partial<ProducerOptions> = {}) {
  const runtime = fakeRuntime()
  const cluster = new TinyCluster(runtime.network, 1)
  const codes: Codes = new Map()
  const next = (api: Api) => codes.get(api)?.shift() ?? ErrorCode.NONE
  const topicsWith = (asked: Asked, errorCode: number) => {
    const { topics } = asked.request as TxnOffsetCommitRequest
    return topics.map(({ name, partitions }) => {
      return { name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })) }
    })
  }
  cluster.scripts.set(ApiVersions, () => ({
    apiKeys: allApis.map(({ key, versions: { min, max } }) => ({ apiKey: key, minVersion: min, maxVersion: max })),
    finalizedFeatures: [{ name: 'transaction.version', maxVersionLevel: level, minVersionLevel: level }],
  }))
  cluster.scripts.set(FindCoordinator, ({ request }) => {
    const { coordinatorKeys } = request as FindCoordinatorRequest
    return { coordinators: coordinatorKeys.map((key) => ({ key, nodeId: 0, host: 'broker-0', port: 9000 })) }
  })
  cluster.scripts.set(InitProducerId, ({ request }) => {
    const errorCode = next(InitProducerId)
    const { producerEpoch } = request as InitProducerIdRequest
    return errorCode ? { errorCode } : { producerId: 7, producerEpoch: producerEpoch + 1 }
  })
  cluster.scripts.set(AddPartitionsToTxn, ({ request }) => {
    const errorCode = next(AddPartitionsToTxn)
    const { v3AndBelowTopics } = request as AddPartitionsToTxnRequest
    const resultsByTopicV3AndBelow = v3AndBelowTopics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({ partitionIndex, partitionErrorCode: errorCode })),
    }))
    return { resultsByTopicV3AndBelow }
  })
  cluster.scripts.set(AddOffsetsToTxn, () => ({ errorCode: next(AddOffsetsToTxn) }))
  cluster.scripts.set(TxnOffsetCommit, (asked) => ({ topics: topicsWith(asked, next(TxnOffsetCommit)) }))
  cluster.scripts.set(EndTxn, ({ request, version }) => {
    const errorCode = next(EndTxn)
    const { producerId, producerEpoch } = request as EndTxnRequest
    if (errorCode !== ErrorCode.NONE || version < 5) return { errorCode }
    return { errorCode, producerId, producerEpoch: producerEpoch + 1 }
  })
  const { bootstrapServers } = cluster
  const producer = new Producer({ bootstrapServers, runtime, transactionalId: 'copier', ...options })
  const names = () => cluster.asked.map(({ api }) => api.name)
  return { clock: runtime.clock, cluster, producer, codes, names }
}

export function positionOf(offsets: readonly { topic: string; partition: number; offset: number }[]) {
  return { groupId: 'copiers', generationId: 4, memberId: 'm-1', groupInstanceId: 'i-1', offsets }
}
