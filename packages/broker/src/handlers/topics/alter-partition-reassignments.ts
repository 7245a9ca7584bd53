import { AlterPartitionReassignments, type AlterPartitionReassignmentsRequest, ErrorCode } from '@rivven/protocol'
import { leaderOf } from '../../cluster/image.js'
import { type Answer, type BrokerServices, handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'
import { assignmentFault } from './assignments.js'
import { type AskedMove, takenMoves } from './taken-moves.js'

type Topic = AlterPartitionReassignmentsRequest['topics'][number]
type Wanted = Topic['partitions'][number]
type TopicAnswer = NonNullable<NonNullable<Answer<typeof AlterPartitionReassignments>>['responses']>[number]
type PartitionAnswer = NonNullable<TopicAnswer['partitions']>[number]

/** What a partition is answered, and what is to be asked of its leader before. */
interface Judged {
  readonly answer: PartitionAnswer
  readonly move?: AskedMove
}

/**
 * The first of the brokers that are named is to lead the partition, which its leader gives away as soon as its groups are calm; the
 * others are who may lead it next anyhow (KIP-455). Answered when the leader has taken it, as with Kafka.
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
    const moves = judged.flatMap(({ partitions }) => partitions.flatMap(({ move }) => move ?? []))
    const taken = await takenMoves(moves, services)
    return {
      allowReplicationFactorChange: request.allowReplicationFactorChange,
      errorCode: denied,
      // As Kafka has it.
      errorMessage: request.topics.length === 0 ? '' : null,
      responses: judged.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((one) => answerOf(one, taken)),
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
  const fine = replicas ? answer(ErrorCode.NONE, null) : nothingToEnd(partitionIndex)
  if (to === led.leader || led.leader === null || brokers.size < 2) return fine
  return { ...fine, move: { leader: led.leader, topic: name, partition: partitionIndex, to } }
}

function nothingToEnd(partitionIndex: number): Judged {
  const errorMessage = 'Nothing is being moved that could end.'
  return { answer: { partitionIndex, errorCode: ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, errorMessage } }
}

/** As it was judged, unless its leader says otherwise; nothing is wrong any more where it has ended a move. */
function answerOf({ answer, move }: Judged, taken: ReadonlySet<AskedMove>): PartitionAnswer {
  if (!move) return answer
  const isTaken = taken.has(move)
  if (move.to === null) return isTaken ? { ...answer, errorCode: ErrorCode.NONE, errorMessage: null } : answer
  const errorMessage = `Broker ${move.leader}, which leads it, did not take it: try again.`
  return isTaken ? answer : { ...answer, errorCode: ErrorCode.REQUEST_TIMED_OUT, errorMessage }
}
