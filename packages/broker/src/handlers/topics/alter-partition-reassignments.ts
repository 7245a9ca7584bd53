import {
  AlterPartitionReassignments,
  type AlterPartitionReassignmentsRequest,
  ErrorCode,
  RivvenCall,
} from '@rivven/protocol'
import { leaderOf } from '../../cluster/image.js'
import { movesPath, type WantedMove } from '../calls/move-partitions.js'
import { type Answer, type BrokerServices, handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'
import { assignmentFault } from './assignments.js'

type Topic = AlterPartitionReassignmentsRequest['topics'][number]
type Wanted = Topic['partitions'][number]
type TopicAnswer = NonNullable<NonNullable<Answer<typeof AlterPartitionReassignments>>['responses']>[number]
type PartitionAnswer = NonNullable<TopicAnswer['partitions']>[number]

/** What a partition is answered, and what is to be asked of its leader before. */
interface Judged {
  readonly answer: PartitionAnswer
  readonly move?: WantedMove
  readonly leader?: number
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
    await askLeaders(
      judged.flatMap(({ partitions }) => partitions),
      services,
    )
    return {
      allowReplicationFactorChange: request.allowReplicationFactorChange,
      errorCode: denied,
      // As Kafka has it.
      errorMessage: request.topics.length === 0 ? '' : null,
      responses: judged.map(({ name, partitions }) => ({ name, partitions: partitions.map(({ answer }) => answer) })),
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
  return { ...fine, leader: led.leader, move: { topic: name, partition: partitionIndex, to } }
}

function nothingToEnd(partitionIndex: number): Judged {
  const errorMessage = 'Nothing is being moved that could end.'
  return { answer: { partitionIndex, errorCode: ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, errorMessage } }
}

async function askLeaders(judged: readonly Judged[], services: BrokerServices): Promise<void> {
  const byLeader = new Map<number, Judged[]>()
  for (const one of judged) {
    if (one.leader === undefined) continue
    const ofLeader = byLeader.get(one.leader) ?? []
    byLeader.set(one.leader, ofLeader)
    ofLeader.push(one)
  }
  await Promise.all([...byLeader].map(([leader, ofLeader]) => askOne(leader, ofLeader, services)))
}

async function askOne(leader: number, judged: readonly Judged[], { cluster, peers }: BrokerServices): Promise<void> {
  const moves = judged.flatMap(({ move }) => move ?? [])
  const taken =
    leader === cluster.brokerId
      ? moves.map(({ topic, partition, to }) => cluster.move(topic, partition, to))
      : await peers
          .ask(leader, 'questions', RivvenCall, {
            method: 'POST',
            path: movesPath,
            body: Buffer.from(JSON.stringify({ moves })),
          })
          .then(takenIn, () => [])
  for (const [at, { answer, move }] of judged.entries()) {
    if (move?.to === null) {
      if (taken[at] === true) Object.assign(answer, { errorCode: ErrorCode.NONE, errorMessage: null })
    } else if (taken[at] !== true) {
      const errorMessage = `Broker ${leader}, which leads it, did not take it: try again.`
      Object.assign(answer, { errorCode: ErrorCode.REQUEST_TIMED_OUT, errorMessage })
    }
  }
}

function takenIn({ status, body }: { status: number; body: Buffer | null }): unknown[] {
  if (status !== 200 || body === null) return []
  const { moves } = JSON.parse(Buffer.from(body).toString('utf8')) as { moves?: unknown }
  return Array.isArray(moves) ? moves : []
}
