import { ErrorCode, Metadata, type MetadataRequest, ZERO_UUID } from '@rivven/protocol'
import { mapInTurns } from '../../breath.js'
import type { Topic } from '../../catalog/catalog.js'
import { internalTopics, topicNameFault } from '../../catalog/topic-name.js'
import { authorizedOperations, clusterOperations, notAsked } from '../authorized-operations.js'
import { reachableBrokers } from '../brokers/reachable-brokers.js'
import { type Answer, type BrokerServices, handler, type RequestContext } from '../handler.js'
import { distinctInTurns } from '../repeats.js'
import { denial, mayOnCluster, mayOnTopic } from '../rights/denial.js'
import { storageFault } from '../storage-fault.js'
import { withinMutationQuota } from './mutation-quota.js'
import { MOST_NEW_PARTITIONS } from './new-partitions.js'
import { describeAllPartitions } from './topic-partitions.js'

/** Topics can be asked for by id from here on; 10 and 11 have the field but not the meaning. */
const FIRST_VERSION_BY_ID = 12
/** Before, every Metadata request may make topics, and an empty list means all (version 0). */
const FIRST_VERSION_WITH_CHOICE = 4

type MetadataAnswer = NonNullable<Answer<typeof Metadata>>
type TopicAnswer = NonNullable<MetadataAnswer['topics']>[number]
type MaybePromise<T> = T | Promise<T>
type AskedTopic = NonNullable<MetadataRequest['topics']>[number]

interface Call {
  readonly request: MetadataRequest
  readonly services: BrokerServices
  readonly context: RequestContext
  /** Are topics made that do not exist, as far as their rights go? */
  readonly makesTopics: boolean
}

export const handleMetadata = handler(Metadata, (request, services, context) => {
  const call: Call = { request, services, context, makesTopics: makesTopics(request, services, context) }
  if (!call.makesTopics) return answerOf(call)
  const missing = missingTopics(call)
  if (!(missing instanceof Promise) && missing.length === 0) return answerOf(call)
  return makeTopics(missing, call).then(() => answerOf(call))
})

/** Auto-creation: only topics that are named, and only if broker and client both allow it. */
function makesTopics(request: MetadataRequest, { config }: BrokerServices, { apiVersion }: RequestContext): boolean {
  const isAllowed = apiVersion < FIRST_VERSION_WITH_CHOICE || request.allowAutoTopicCreation
  return config.auto_create_topics_enable && isAllowed && request.topics !== null
}

function missingTopics(call: Call): MaybePromise<string[]> {
  const { catalog, runtime } = call.services
  const canBeMade = (name: string): boolean =>
    !catalog.topic(name) && !internalTopics.has(name) && !topicNameFault(name) && !catalog.collidingTopic(name)
  const isWanted = (name: string): boolean =>
    mayOnTopic(call.context, 'DESCRIBE', name) && mayMake(name, call.context) && canBeMade(name)
  const byName = (call.request.topics ?? []).filter(({ topicId }) => topicId === ZERO_UUID)
  const names = distinctInTurns(byName.map(nameOf), (name) => name, runtime.clock)
  return then(names, (all) => {
    const wanted = mapInTurns(all, runtime.clock, isWanted)
    return then(wanted, (isMissing) => all.filter((_, at) => isMissing[at]))
  })
}

function nameOf({ name }: AskedTopic): string {
  return name ?? ''
}

/** What is there already needs no promise. */
function then<T, R>(value: MaybePromise<T>, use: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(use) : use(value)
}

function mayMake(name: string, context: RequestContext): boolean {
  return mayOnCluster(context, 'CREATE') || mayOnTopic(context, 'CREATE', name)
}

/**
 * As many as one request may make, there is room for and the client's quota allows; the others are unknown still when they are
 * answered, which every client takes as a reason to ask again.
 */
async function makeTopics(missing: MaybePromise<readonly string[]>, { services, context }: Call): Promise<void> {
  const { config, catalog, runtime, log } = services
  const wanted = await missing
  const partitionCount = config.num_partitions
  const most = Math.floor(Math.min(MOST_NEW_PARTITIONS, catalog.room) / partitionCount)
  const fitting = wanted.slice(0, most)
  const { within } = withinMutationQuota(fitting, context, { firstWithError: 0, partitionsOf: () => partitionCount })
  const topics = within.map((name) => ({ name, partitionCount }))
  const make = async (): Promise<void> => {
    const made = await catalog.createTopics(topics)
    const what = { operation: 'CREATE', type: 'TOPIC', error: 'NONE', detail: `${partitionCount} partitions` } as const
    await mapInTurns([...made.keys()], runtime.clock, (name) => context.audit.changed(context, { ...what, name }))
  }
  // Those that cannot be stored are answered as unknown.
  if (topics.length > 0) await storageFault(make, services)
  const left = wanted.length - fitting.length
  if (left > 0) log.warn({ left, room: catalog.room }, 'topics that a client named were not made: there are too many')
}

function answerOf(call: Call): MaybePromise<MetadataAnswer> {
  const { request, context } = call
  const { catalog, runtime } = call.services
  const asksForAll = request.topics === null || (context.apiVersion === 0 && request.topics.length === 0)
  // A topic may have tens of thousands of partitions.
  const describe = <T>(items: readonly T[], one: (item: T) => TopicAnswer) => mapInTurns(items, runtime.clock, one, 1)
  const topics = asksForAll
    ? describe(catalog.topics().filter(isShownTo(context)), (topic) => describeTopic(topic, call))
    : then(distinctInTurns(request.topics ?? [], keyOf, runtime.clock), (each) =>
        describe(each, (asked) => findTopic(asked, call)),
      )
  return then(topics, (all) => withCluster(all, call))
}

function isShownTo(context: RequestContext): (topic: Topic) => boolean {
  return ({ name }) => mayOnTopic(context, 'DESCRIBE', name)
}

/** A topic has one entry, however often it is asked for in the same way. */
function keyOf({ topicId, name }: AskedTopic): string {
  return `${topicId} ${name ?? ''}`
}

function withCluster(topics: TopicAnswer[], { request, services, context }: Call): MetadataAnswer {
  const { cluster, catalog } = services
  return {
    brokers: reachableBrokers(services, context).map(({ id, ...place }) => ({ nodeId: id, ...place })),
    clusterId: catalog.clusterId,
    controllerId: cluster.brokerId,
    topics,
    clusterAuthorizedOperations: clusterOperations(request.includeClusterAuthorizedOperations, context),
  }
}

/** An id counts more than a name beside it. */
function findTopic(asked: AskedTopic, call: Call): TopicAnswer {
  const isById = asked.topicId !== ZERO_UUID
  if (call.context.apiVersion < FIRST_VERSION_BY_ID && (isById || asked.name === null)) {
    return { errorCode: ErrorCode.INVALID_REQUEST, name: asked.name ?? '', topicId: asked.topicId }
  }
  return isById ? findById(asked.topicId, call) : findByName(asked.name ?? '', call)
}

function findById(topicId: string, call: Call): TopicAnswer {
  const topic = call.services.catalog.topicById(topicId)
  if (!topic) return { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId }
  const denied = denial(call.context, 'DESCRIBE', 'TOPIC', topic.name)
  return denied === ErrorCode.NONE ? describeTopic(topic, call) : { errorCode: denied, name: null, topicId }
}

/** Whether a topic exists is told to those only who may describe it. */
function findByName(name: string, call: Call): TopicAnswer {
  const { services, context, makesTopics } = call
  const { catalog } = services
  const denied = denial(context, 'DESCRIBE', 'TOPIC', name)
  if (denied !== ErrorCode.NONE) return { errorCode: denied, name }
  const topic = catalog.topic(name)
  if (topic) return describeTopic(topic, call)
  if (makesTopics && !mayMake(name, context)) return { errorCode: denial(context, 'CREATE', 'TOPIC', name), name }
  const isValid = topicNameFault(name) === undefined && !catalog.collidingTopic(name)
  const errorCode = isValid ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION
  return { errorCode, name, topicAuthorizedOperations: topicOperations(name, call) }
}

function describeTopic(topic: Topic, call: Call): TopicAnswer {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.isInternal,
    partitions: describeAllPartitions(topic, call.services),
    topicAuthorizedOperations: topicOperations(topic.name, call),
  }
}

function topicOperations(name: string, { request, context }: Call): number {
  return request.includeTopicAuthorizedOperations ? authorizedOperations(context, 'TOPIC', name) : notAsked
}
