import { CreatePartitions, type CreatePartitionsRequest, ErrorCode } from '@rivven/protocol'
import { assignmentFault } from './assignments.js'
import { type Answer, type BrokerServices, handler } from './handler.js'

/** More new partitions of one topic are refused: most likely a mistake. */
const MOST_NEW_PARTITIONS = 10_000

type TopicAnswer = NonNullable<NonNullable<Answer<typeof CreatePartitions>>['results']>[number]
type Wanted = CreatePartitionsRequest['topics'][number]

export const handleCreatePartitions = handler(CreatePartitions, async (request, services) => {
  const results = new Map<string, TopicAnswer>()
  for (const wanted of request.topics) {
    const { name } = wanted
    if (results.has(name)) continue
    const isTwice = request.topics.filter((other) => other.name === name).length > 1
    const refusal = isTwice
      ? refuse(name, ErrorCode.INVALID_REQUEST, 'The request names this topic twice.')
      : faultOf(wanted, services)
    if (!refusal && !request.validateOnly) await services.catalog.growTopic(name, wanted.count)
    results.set(name, refusal ?? { name, errorCode: ErrorCode.NONE, errorMessage: null })
  }
  return { results: [...results.values()] }
})

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
