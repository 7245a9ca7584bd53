import { AlterPartitionReassignments, type AlterPartitionReassignmentsRequest, ErrorCode } from '@rivven/protocol'
import { leaderOf } from '../../cluster/image.js'
import { type Answer, type BrokerServices, handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'
import { assignmentFault } from './assignments.js'

type Topic = AlterPartitionReassignmentsRequest['topics'][number]
type Wanted = Topic['partitions'][number]
type TopicAnswer = NonNullable<NonNullable<Answer<typeof AlterPartitionReassignments>>['responses']>[number]
type PartitionAnswer = NonNullable<TopicAnswer['partitions']>[number]

/** Every partition is where it can be: brokers that are here are taken as its places, any other refused (KIP-455). */
export const handleAlterPartitionReassignments = handler(AlterPartitionReassignments, (request, services, context) => {
  const denied = clusterDenial(context, 'ALTER')
  const judgeOne = (name: string, wanted: Wanted) =>
    denied === ErrorCode.NONE ? judge(name, wanted, services) : refused(denied, wanted)
  return {
    allowReplicationFactorChange: request.allowReplicationFactorChange,
    errorCode: denied,
    // As Kafka has it.
    errorMessage: request.topics.length === 0 ? '' : null,
    responses: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((wanted) => judgeOne(name, wanted)),
    })),
  }
})

function refused(errorCode: number, { partitionIndex }: Wanted): PartitionAnswer {
  return { partitionIndex, errorCode, errorMessage: 'This needs ALTER on the cluster.' }
}

function judge(name: string, { partitionIndex, replicas }: Wanted, { cluster }: BrokerServices): PartitionAnswer {
  const answer = (errorCode: number, errorMessage: string | null) => ({ partitionIndex, errorCode, errorMessage })
  if (!leaderOf(cluster.image, name, partitionIndex)) {
    return answer(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'There is no such partition.')
  }
  if (replicas === null) return answer(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, 'Nothing is being moved that could end.')
  const fault = assignmentFault([replicas], cluster.image.brokers)
  return fault ? answer(ErrorCode.INVALID_REPLICA_ASSIGNMENT, fault) : answer(ErrorCode.NONE, null)
}
