import { DescribeQuorum, type DescribeQuorumRequest, ErrorCode } from '@rivven/protocol'
import { type Answer, type BrokerServices, handler, type RequestContext } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'
import { reachableBrokers } from './reachable-brokers.js'

type Topics = NonNullable<NonNullable<Answer<typeof DescribeQuorum>>['topics']>

/** Kafka's log of metadata. It is not here, but tools ask who leads it. */
const METADATA = '__cluster_metadata'

/** A quorum of all brokers, none of which is ever behind (KIP-595): whoever is asked leads. Its log has no offsets to show. */
export const handleDescribeQuorum = handler(DescribeQuorum, (request, services, context) => {
  const denied = clusterDenial(context, 'DESCRIBE')
  if (denied !== ErrorCode.NONE) return { errorCode: denied, errorMessage: '', topics: [], nodes: [] }
  const [topic, ...others] = request.topics
  const isKnown = topic?.topicName === METADATA && others.length === 0 && isPartition0(topic)
  if (!isKnown) return { errorCode: ErrorCode.NONE, errorMessage: '', topics: unknown(request), nodes: [] }
  return { errorCode: ErrorCode.NONE, errorMessage: '', topics: quorum(services), nodes: nodes(services, context) }
})

function isPartition0({ partitions }: DescribeQuorumRequest['topics'][number]): boolean {
  return partitions.length === 1 && partitions[0]?.partitionIndex === 0
}

/** Kafka refuses all that stands in the request where one thing in it is unknown. */
function unknown({ topics }: DescribeQuorumRequest): Topics {
  const errorMessage = 'Only partition 0 of __cluster_metadata has a quorum.'
  return topics.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      errorMessage,
    })),
  }))
}

function quorum({ cluster, runtime }: BrokerServices): Topics {
  const now = runtime.clock.now()
  const caughtUp = { logEndOffset: 0, lastFetchTimestamp: now, lastCaughtUpTimestamp: now }
  const currentVoters = [...cluster.image.brokers.keys()].map((replicaId) => ({ replicaId, ...caughtUp }))
  const leader = { leaderId: cluster.brokerId, leaderEpoch: cluster.controllerEpoch, highWatermark: 0 }
  const partition = { partitionIndex: 0, errorCode: ErrorCode.NONE, errorMessage: '', ...leader }
  return [{ topicName: METADATA, partitions: [{ ...partition, currentVoters, observers: [] }] }]
}

function nodes(services: BrokerServices, context: RequestContext) {
  return reachableBrokers(services, context).map(({ id, host, port }) => ({
    nodeId: id,
    listeners: [{ name: 'CONTROLLER', host, port }],
  }))
}
