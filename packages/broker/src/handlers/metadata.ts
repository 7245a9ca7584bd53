import { ErrorCode, Metadata, type MetadataRequest, ZERO_UUID } from '@rivven/protocol'
import { mapInTurns } from '../breath.js'
import type { Topic } from '../catalog/catalog.js'
import { internalTopics, topicNameFault } from '../catalog/topic-name.js'
import { clusterOperations, notAsked, topicOperations } from './authorized-operations.js'
import { type Answer, type BrokerServices, handler, type RequestContext } from './handler.js'
import { MOST_NEW_PARTITIONS } from './new-partitions.js'
import { distinct } from './repeats.js'
import { storageFault } from './storage-fault.js'
import { describeAllPartitions } from './topic-partitions.js'

/** Topics can be asked for by id from here on; 10 and 11 have the field but not the meaning. */
const FIRST_VERSION_BY_ID = 12
/** Before, every Metadata request may make topics, and an empty list means all (version 0). */
const FIRST_VERSION_WITH_CHOICE = 4

type MetadataAnswer = NonNullable<Answer<typeof Metadata>>
type TopicAnswer = NonNullable<MetadataAnswer['topics']>[number]
type MaybePromise<T> = T | Promise<T>
type AskedTopic = NonNullable<MetadataRequest['topics']>[number]

export const handleMetadata = handler(Metadata, (request, services, context) => {
  if (!mayMakeTopics(request, services, context)) return answerOf(request, services, context)
  const missing = missingTopics(request, services)
  if (!(missing instanceof Promise) && missing.length === 0) return answerOf(request, services, context)
  return makeTopics(missing, services).then(() => answerOf(request, services, context))
})

/** Auto-creation: only topics that are named, and only if broker and client both allow it. */
function mayMakeTopics(request: MetadataRequest, { config }: BrokerServices, { apiVersion }: RequestContext): boolean {
  const isAllowed = apiVersion < FIRST_VERSION_WITH_CHOICE || request.allowAutoTopicCreation
  return config.auto_create_topics_enable && isAllowed && request.topics !== null
}

function missingTopics({ topics }: MetadataRequest, { catalog, runtime }: BrokerServices): MaybePromise<string[]> {
  const canBeMade = (name: string): boolean =>
    !catalog.topic(name) && !internalTopics.has(name) && !topicNameFault(name) && !catalog.collidingTopic(name)
  const names = new Set<string>()
  for (const { topicId, name } of topics ?? []) if (topicId === ZERO_UUID) names.add(name ?? '')
  const missing = mapInTurns([...names], runtime.clock, (name) => (canBeMade(name) ? [name] : []))
  return missing instanceof Promise ? missing.then((found) => found.flat()) : missing.flat()
}

/** As many as one request may make and there is room for; the others are unknown still when they are answered. */
async function makeTopics(missing: MaybePromise<readonly string[]>, services: BrokerServices): Promise<void> {
  const { config, catalog, log } = services
  const wanted = await missing
  const partitionCount = config.num_partitions
  const most = Math.floor(Math.min(MOST_NEW_PARTITIONS, catalog.room) / partitionCount)
  const names = wanted.slice(0, most)
  const topics = names.map((name) => ({ name, partitionCount }))
  // Those that cannot be stored are answered as unknown.
  if (names.length > 0) await storageFault(() => catalog.createTopics(topics), services)
  const left = wanted.length - names.length
  if (left > 0) log.warn({ left, room: catalog.room }, 'topics that a client named were not made: there are too many')
}

function answerOf(
  request: MetadataRequest,
  services: BrokerServices,
  context: RequestContext,
): MaybePromise<MetadataAnswer> {
  const { catalog, runtime } = services
  const asksForAll = request.topics === null || (context.apiVersion === 0 && request.topics.length === 0)
  const topics = asksForAll
    ? mapInTurns(catalog.topics(), runtime.clock, (topic) => describeTopic(topic, request, services))
    : mapInTurns(distinct(request.topics ?? [], keyOf), runtime.clock, (asked) =>
        findTopic(asked, request, services, context.apiVersion),
      )
  return topics instanceof Promise
    ? topics.then((all) => withCluster(all, request, services, context))
    : withCluster(topics, request, services, context)
}

/** A topic has one entry, however often it is asked for in the same way. */
function keyOf({ topicId, name }: AskedTopic): string {
  return `${topicId} ${name ?? ''}`
}

function withCluster(
  topics: TopicAnswer[],
  request: MetadataRequest,
  { config, catalog }: BrokerServices,
  context: RequestContext,
): MetadataAnswer {
  return {
    brokers: [{ nodeId: config.node_id, ...context.advertised, rack: null }],
    clusterId: catalog.clusterId,
    controllerId: config.node_id,
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? clusterOperations : notAsked,
  }
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
    partitions: describeAllPartitions(topic, services),
    topicAuthorizedOperations: request.includeTopicAuthorizedOperations ? topicOperations : notAsked,
  }
}
