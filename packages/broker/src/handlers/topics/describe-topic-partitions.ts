import { DescribeTopicPartitions, type DescribeTopicPartitionsRequest, ErrorCode } from '@rivven/protocol'
import { topicNameFault } from '../../catalog/topic-name.js'
import { authorizedOperations } from '../authorized-operations.js'
import { type Answer, type BrokerServices, handler, type RequestContext } from '../handler.js'
import { denial, mayOnTopic } from '../rights/denial.js'
import { describePartitions } from './topic-partitions.js'

type DescribeAnswer = NonNullable<Answer<typeof DescribeTopicPartitions>>
type TopicAnswer = NonNullable<DescribeAnswer['topics']>[number]

export const handleDescribeTopicPartitions = handler(DescribeTopicPartitions, (request, services, context) => {
  const asked = namesOf(request, services)
  const names = asked.filter((name) => mayOnTopic(context, 'DESCRIBE', name))
  const hidden = request.topics.length > 0 ? asked.filter((name) => !mayOnTopic(context, 'DESCRIBE', name)) : []
  const { cursor } = request
  if (cursor && isOdd(cursor, request, names)) {
    return { topics: names.map((name) => ({ errorCode: ErrorCode.INVALID_REQUEST, name })), nextCursor: null }
  }
  const limit = Math.max(1, Math.min(request.responsePartitionLimit, services.config.max_request_partition_size_limit))
  const { topics, nextCursor } = describe(names, cursor, limit, { services, context })
  return { topics: [...hidden.map((name) => forbidden(name, context)), ...topics], nextCursor }
})

/** In the order of names; an empty list asks for all topics. */
function namesOf({ topics }: DescribeTopicPartitionsRequest, { catalog }: BrokerServices): string[] {
  if (topics.length === 0) return catalog.topics().map(({ name }) => name)
  return [...new Set(topics.map(({ name }) => name))].sort()
}

type Cursor = DescribeTopicPartitionsRequest['cursor']

function isOdd(
  cursor: NonNullable<Cursor>,
  { topics }: DescribeTopicPartitionsRequest,
  names: readonly string[],
): boolean {
  return cursor.partitionIndex < 0 || (topics.length > 0 && !names.includes(cursor.topicName))
}

interface Call {
  readonly services: BrokerServices
  readonly context: RequestContext
}

/** Whether it exists does not show. */
function forbidden(name: string, context: RequestContext): TopicAnswer {
  return { errorCode: denial(context, 'DESCRIBE', 'TOPIC', name), name }
}

interface Page {
  readonly topics: TopicAnswer[]
  readonly nextCursor: NonNullable<DescribeAnswer['nextCursor']> | null
}

function describe(names: readonly string[], cursor: Cursor, limit: number, { services, context }: Call): Page {
  const topics: TopicAnswer[] = []
  let left = limit
  for (const name of names) {
    if (cursor && name < cursor.topicName) continue
    if (left === 0) return { topics, nextCursor: { topicName: name, partitionIndex: 0 } }
    const topic = services.catalog.topic(name)
    if (!topic) {
      const errorCode = topicNameFault(name) ? ErrorCode.INVALID_TOPIC_EXCEPTION : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      topics.push({ errorCode, name, topicAuthorizedOperations: authorizedOperations(context, 'TOPIC', name) })
      continue
    }
    const from = cursor?.topicName === name ? cursor.partitionIndex : 0
    const to = Math.min(topic.partitionCount, from + left)
    const partitions = describePartitions(topic, services, from, to).map((partition) => ({
      ...partition,
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
    }))
    left -= partitions.length
    topics.push({
      errorCode: ErrorCode.NONE,
      name,
      topicId: topic.id,
      isInternal: topic.isInternal,
      partitions,
      topicAuthorizedOperations: authorizedOperations(context, 'TOPIC', name),
    })
    if (to < topic.partitionCount && from < to) return { topics, nextCursor: { topicName: name, partitionIndex: to } }
  }
  return { topics, nextCursor: null }
}
