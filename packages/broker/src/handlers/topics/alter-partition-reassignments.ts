import { AlterPartitionReassignments, type AlterPartitionReassignmentsRequest, ErrorCode } from '@rivven/protocol'
import type { AskedLeader } from '../../cluster/cluster.js'
import { leaderOf } from '../../cluster/image.js'
import { type Answer, type BrokerServices, handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'
import { type StorageFault, storedOr } from '../storage-fault.js'
import { assignmentFault } from './assignments.js'

type Topic = AlterPartitionReassignmentsRequest['topics'][number]
type Wanted = Topic['partitions'][number]
type TopicAnswer = NonNullable<NonNullable<Answer<typeof AlterPartitionReassignments>>['responses']>[number]
type PartitionAnswer = NonNullable<TopicAnswer['partitions']>[number]

/** What a partition is answered, and what is to be noted before. */
interface Judged {
  readonly answer: PartitionAnswer
  readonly asked?: AskedLeader
}

/**
 * The first of the brokers that are named is to lead the partition, from now on: its leader gives it away as soon as its groups are calm;
 * the others are who may lead it next anyhow (KIP-455). Answered when all brokers are going to see it, as with Kafka.
 */
export const handleAlterPartitionReassignments = handler(
  AlterPartitionReassignments,
  async (request, services, context) => {
    const denied = clusterDenial(context, 'ALTER')
    const judged = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((wanted) =>
        denied === ErrorCode.NONE ? judge(name, wanted, services) : refused(denied, wanted),
      ),
    }))
    const asked = judged.flatMap(({ partitions }) => partitions.flatMap((one) => one.asked ?? []))
    const noted = await storedOr(services, async () => ({ changed: await services.cluster.askLeaders(asked) }))
    return {
      allowReplicationFactorChange: request.allowReplicationFactorChange,
      errorCode: denied,
      // As Kafka has it.
      errorMessage: request.topics.length === 0 ? '' : null,
      responses: judged.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((one) => answerOf(one, noted)),
      })),
    }
  },
)

function refused(errorCode: number, { partitionIndex }: Wanted): Judged {
  return { answer: { partitionIndex, errorCode, errorMessage: 'This needs ALTER on the cluster.' } }
}

function judge(name: string, { partitionIndex, replicas }: Wanted, { cluster }: BrokerServices): Judged {
  const answer = (errorCode: number, errorMessage: string | null) => ({
    answer: { partitionIndex, errorCode, errorMessage },
  })
  const { brokers } = cluster.image
  const led = leaderOf(cluster.image, name, partitionIndex)
  if (!led) return answer(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'There is no such partition.')
  const [to = null] = replicas ?? []
  const fault = replicas && assignmentFault([replicas], brokers)
  if (fault) return answer(ErrorCode.INVALID_REPLICA_ASSIGNMENT, fault)
  if (to !== null && brokers.get(to)?.isDraining && to !== led.leader)
    return answer(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `Broker ${to} is being drained.`)
  return { ...answer(ErrorCode.NONE, null), asked: { topic: name, partition: partitionIndex, to } }
}

/** As it was judged, unless it could not be noted, or there was nothing to end. */
function answerOf(
  { answer, asked }: Judged,
  noted: StorageFault | { readonly changed: ReadonlySet<AskedLeader> },
): PartitionAnswer {
  if (!asked) return answer
  if ('errorCode' in noted) return { ...answer, ...noted }
  if (asked.to !== null || noted.changed.has(asked)) return answer
  const errorMessage = 'Nobody has asked for a leader of it: there is nothing that could end.'
  return { ...answer, errorCode: ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, errorMessage }
}
