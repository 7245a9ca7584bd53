import { CreatePartitions, type CreatePartitionsRequest, ErrorCode } from '@rivven/protocol'
import { mapInTurns } from '../breath.js'
import { assignmentFault } from './assignments.js'
import { type Answer, type BrokerServices, handler } from './handler.js'
import { distinct, repeated } from './repeats.js'

/** More new partitions of one topic are refused: most likely a mistake. */
const MOST_NEW_PARTITIONS = 10_000

type TopicAnswer = NonNullable<NonNullable<Answer<typeof CreatePartitions>>['results']>[number]
type Wanted = CreatePartitionsRequest['topics'][number]

export const handleCreatePartitions = handler(CreatePartitions, async (request, services) => {
  const twice = repeated(request.topics, nameOf)
  const judge = (wanted: Wanted) =>
    twice.has(wanted.name)
      ? refuse(wanted.name, ErrorCode.INVALID_REQUEST, 'The request names this topic twice.')
      : (faultOf(wanted, services) ?? { name: wanted.name, errorCode: ErrorCode.NONE, errorMessage: null })
  const topics = distinct(request.topics, nameOf)
  const results = await mapInTurns(topics, services.runtime.clock, judge)
  const grown = topics.filter((_, at) => results[at]?.errorCode === ErrorCode.NONE)
  if (!request.validateOnly) await services.catalog.growTopics(grown)
  return { results }
})

function nameOf({ name }: Wanted): string {
  return name
}

function refuse(name: string, errorCode: number, errorMessage: string): TopicAnswer {
  return { name, errorCode, errorMessage }
}

function faultOf({ name, count, assignments }: Wanted, { catalog, config }: BrokerServices): TopicAnswer | undefined {
  const topic = catalog.topic(name)
  if (!topic) return refuse(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'There is no such topic.')
  if (topic.isInternal) return refuse(name, ErrorCode.INVALID_TOPIC_EXCEPTION, 'This topic belongs to the broker.')
  const added = count - topic.partitionCount
  if (added <= 0) {
    return refuse(
      name,
      ErrorCode.INVALID_PARTITIONS,
      `The topic has ${topic.partitionCount} partitions; it can only grow.`,
    )
  }
  if (added > MOST_NEW_PARTITIONS) {
    return refuse(name, ErrorCode.POLICY_VIOLATION, `One request can add ${MOST_NEW_PARTITIONS} partitions at most.`)
  }
  if (assignments === null) return undefined
  if (assignments.length !== added) {
    const message = `${added} partitions are added, but ${assignments.length} assignments given.`
    return refuse(name, ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)
  }
  const fault = assignmentFault(
    assignments.map(({ brokerIds }) => brokerIds),
    config.node_id,
  )
  return fault ? refuse(name, ErrorCode.INVALID_REPLICA_ASSIGNMENT, fault) : undefined
}
