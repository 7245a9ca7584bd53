import { ElectLeaders, type ElectLeadersRequest, ErrorCode } from '@rivven/protocol'
import { leaderOf, type PartitionLeader } from '../../cluster/image.js'
import { type BrokerServices, handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'

/** Kafka's ElectionType. */
const UNCLEAN = 1

/**
 * Brokers see to it by themselves that each partition has a leader, and the one that it should have: nothing is elected for the asking
 * (KIP-460). Where one is here it is the preferred one, as Metadata show it: first of its replicas. Without a list those are told that
 * have none at the moment.
 */
export const handleElectLeaders = handler(ElectLeaders, ({ topicPartitions, electionType }, { cluster }, context) => {
  const denied = clusterDenial(context, 'ALTER')
  const nobody = electionType === UNCLEAN ? nobodyEligible : nobodyPreferred
  const judge = (topic: string, partitionId: number) => {
    if (denied !== ErrorCode.NONE)
      return { partitionId, errorCode: denied, errorMessage: 'This needs ALTER on the cluster.' }
    const led = leaderOf(cluster.image, topic, partitionId)
    if (!led) return { partitionId, ...noPartition }
    return { partitionId, ...(isLed(led, cluster) ? notNeeded : nobody) }
  }
  const asked = topicPartitions ?? (denied === ErrorCode.NONE ? leaderless(cluster) : [])
  const replicaElectionResults = asked.map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions.map((partitionId) => judge(topic, partitionId)),
  }))
  return { errorCode: denied, replicaElectionResults }
})

const noPartition = {
  errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  errorMessage: 'There is no such partition.',
}
const notNeeded = {
  errorCode: ErrorCode.ELECTION_NOT_NEEDED,
  errorMessage: 'Its leader is here; brokers see by themselves to who that should be.',
}
const errorMessage = 'Its leader is gone: the brokers that are here give it another one by themselves.'
const nobodyPreferred = { errorCode: ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, errorMessage }
const nobodyEligible = { errorCode: ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE, errorMessage }

function isLed({ leader }: PartitionLeader, { image }: BrokerServices['cluster']): boolean {
  return leader !== null && image.brokers.has(leader)
}

function leaderless(cluster: BrokerServices['cluster']): NonNullable<ElectLeadersRequest['topicPartitions']> {
  return [...cluster.image.topics.values()].flatMap(({ name: topic, partitions: all }) => {
    const partitions = [...all.keys()].filter((index) => !isLed(all[index]!, cluster))
    return partitions.length > 0 ? [{ topic, partitions }] : []
  })
}
