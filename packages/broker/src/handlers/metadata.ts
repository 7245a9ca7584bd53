import { ErrorCode, Metadata, type MetadataRequest, ZERO_UUID } from '@rivven/protocol'
import type { Topic } from '../catalog/catalog.js'
import { internalTopics, topicNameFault } from '../catalog/topic-name.js'
import { clusterOperations, notAsked, topicOperations } from './authorized-operations.js'
import { type Answer, type BrokerServices, handler, type RequestContext } from './handler.js'
import { describePartitions } from './topic-partitions.js'

/** Topics can be asked for by id from here on; 10 and 11 have the field but not the meaning. */
const FIRST_VERSION_BY_ID = 12
/** Before, every Metadata request may make topics, and an empty list means all (version 0). */
const FIRST_VERSION_WITH_CHOICE = 4

type MetadataAnswer = NonNullable<Answer<typeof Metadata>>
type TopicAnswer = NonNullable<MetadataAnswer['topics']>[number]
type AskedTopic = NonNullable<MetadataRequest['topics']>[number]

export const handleMetadata = handler(Metadata, (request, services, context) => {
  const missing = topicsToMake(request, services, context)
  if (missing.length === 0) return answerOf(request, services, context)
  const { config, catalog } = services
  const made = catalog.createTopics(missing.map((name) => ({ name, partitionCount: config.num_partitions })))
  return made.then(() => answerOf(request, services, context))
})

/** Auto-creation: only topics that are named, and only if broker and client both allow it. */
function topicsToMake(
  request: MetadataRequest,
  { config, catalog }: BrokerServices,
  { apiVersion }: RequestContext,
): string[] {
  const isAllowed = apiVersion < FIRST_VERSION_WITH_CHOICE || request.allowAutoTopicCreation
  if (!config.auto_create_topics_enable || !isAllowed || !request.topics) return []
  const names = request.topics.filter(({ topicId }) => topicId === ZERO_UUID).map(({ name }) => name ?? '')
  const canBeMade = (name: string): boolean =>
    !catalog.topic(name) && !internalTopics.has(name) && !topicNameFault(name) && !catalog.collidingTopic(name)
  return [...new Set(names)].filter(canBeMade)
}

function answerOf(request: MetadataRequest, services: BrokerServices, context: RequestContext): MetadataAnswer {
  const { config, catalog } = services
  const asksForAll = request.topics === null || (context.apiVersion === 0 && request.topics.length === 0)
  const topics = asksForAll
    ? catalog.topics().map((topic) => describeTopic(topic, request, services))
    : namedTopics(request, services, context)
  return {
    brokers: [{ nodeId: config.node_id, ...context.advertised, rack: null }],
    clusterId: catalog.clusterId,
    controllerId: config.node_id,
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? clusterOperations : notAsked,
  }
}

/** One entry for each topic, however often it is asked for. */
function namedTopics(
  request: MetadataRequest,
  services: BrokerServices,
  { apiVersion }: RequestContext,
): TopicAnswer[] {
  const seen = new Map<string, TopicAnswer>()
  for (const asked of request.topics ?? []) {
    const key = `${asked.topicId} ${asked.name ?? ''}`
    if (!seen.has(key)) seen.set(key, findTopic(asked, request, services, apiVersion))
  }
  return [...seen.values()]
}

function findTopic(
  asked: AskedTopic,
  request: MetadataRequest,
  services: BrokerServices,
  apiVersion: number,
): TopicAnswer {
  const { catalog } = services
  const isById = asked.topicId !== ZERO_UUID
  if (apiVersion < FIRST_VERSION_BY_ID && (isById || asked.name === null)) {
    return { errorCode: ErrorCode.INVALID_REQUEST, name: asked.name ?? '', topicId: asked.topicId }
  }
  // An id counts more than a name beside it.
  const topic = isById ? catalog.topicById(asked.topicId) : catalog.topic(asked.name ?? '')
  if (topic) return describeTopic(topic, request, services)
  if (isById) return { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId: asked.topicId }
  const isValid = topicNameFault(asked.name) === undefined && !catalog.collidingTopic(asked.name ?? '')
  const errorCode = isValid ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION
  return { errorCode, name: asked.name ?? '' }
}

function describeTopic(topic: Topic, request: MetadataRequest, services: BrokerServices): TopicAnswer {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.isInternal,
    partitions: describePartitions(topic, services, 0, topic.partitionCount),
    topicAuthorizedOperations: request.includeTopicAuthorizedOperations ? topicOperations : notAsked,
  }
}
