import { DeleteTopics, type DeleteTopicsRequest, ErrorCode, ZERO_UUID } from '@rivven/protocol'
import { mapInTurns } from '../../breath.js'
import type { Topic } from '../../catalog/catalog.js'
import { type Answer, type BrokerServices, handler, type RequestContext } from '../handler.js'
import { denial, mayOnCluster, mayOnTopic } from '../rights/denial.js'
import { storageFault } from '../storage-fault.js'
import { beyondMutationQuota, withinMutationQuota } from './mutation-quota.js'

/** Topics are named or identified from here on; before there were names only. */
const FIRST_VERSION_WITH_IDS = 6
/** Before, TOPIC_DELETION_DISABLED did not exist. */
const FIRST_VERSION_WITH_DISABLED = 3
/** Before, who removes too many partitions has to wait, and is not refused (KIP-599). */
const FIRST_VERSION_WITH_QUOTA = 5

type TopicAnswer = NonNullable<NonNullable<Answer<typeof DeleteTopics>>['responses']>[number]

interface Wanted {
  readonly name: string | null
  readonly topicId: string
}

export const handleDeleteTopics = handler(DeleteTopics, async (request, services, context) => {
  const { catalog } = services
  const wanted = wantedTopics(request, context)
  if (!services.config.delete_topic_enable) return { responses: wanted.map((topic) => disabled(topic, context)) }
  const refusals: TopicAnswer[] = []
  const once = withoutRepeats(wanted, services, refusals)
  const found = await mapInTurns(once, services.runtime.clock, (topic) => find(topic, services, context))
  const { within, beyond } = withinMutationQuota(
    found.flatMap(({ topic }) => topic ?? []),
    context,
    { firstWithError: FIRST_VERSION_WITH_QUOTA, partitionsOf: (name) => catalog.topic(name)?.partitionCount ?? 0 },
  )
  const late = new Set(beyond)
  const fault = await storageFault(() => catalog.deleteTopics(within), services)
  const answers = found.map(({ topic, answer }) => {
    if (topic === undefined) return answer
    return late.has(topic) ? { ...answer, ...beyondMutationQuota } : { ...answer, ...fault }
  })
  return { responses: [...refusals, ...answers] }
})

function wantedTopics(request: DeleteTopicsRequest, { apiVersion }: RequestContext): Wanted[] {
  if (apiVersion >= FIRST_VERSION_WITH_IDS) return request.topics
  return request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }))
}

function disabled({ name, topicId }: Wanted, { apiVersion }: RequestContext): TopicAnswer {
  const isKnown = apiVersion >= FIRST_VERSION_WITH_DISABLED
  const errorCode = isKnown ? ErrorCode.TOPIC_DELETION_DISABLED : ErrorCode.INVALID_REQUEST
  return { name, topicId, errorCode, errorMessage: 'This broker has delete_topic_enable set to false.' }
}

/** Every topic that is asked for once, in one way. The others get their refusals, one for each topic. */
function withoutRepeats(wanted: readonly Wanted[], { catalog }: BrokerServices, refusals: TopicAnswer[]): Wanted[] {
  const groups = new Map<string, Wanted[]>()
  for (const topic of wanted) {
    if ((topic.name === null) === (topic.topicId === ZERO_UUID)) {
      refusals.push(refused(topic, 'Give either the name of a topic or its id.'))
      continue
    }
    const key = topic.name ?? catalog.topicById(topic.topicId)?.name ?? `id ${topic.topicId}`
    const same = groups.get(key)
    if (same) same.push(topic)
    else groups.set(key, [topic])
  }
  const once: Wanted[] = []
  for (const [first, ...others] of groups.values()) {
    if (first && others.length === 0) once.push(first)
    else if (first) refusals.push(refused(merged([first, ...others]), 'The request names this topic twice.'))
  }
  return once
}

function merged(topics: readonly Wanted[]): Wanted {
  const topicId = topics.find((topic) => topic.topicId !== ZERO_UUID)?.topicId ?? ZERO_UUID
  return { name: topics.find(({ name }) => name !== null)?.name ?? null, topicId }
}

function refused({ name, topicId }: Wanted, errorMessage: string): TopicAnswer {
  return { name, topicId, errorCode: ErrorCode.INVALID_REQUEST, errorMessage }
}

/** The topic that is to go, and the answer; or just the answer. */
function find(
  { name, topicId }: Wanted,
  { catalog }: BrokerServices,
  context: RequestContext,
): { readonly topic?: string; readonly answer: TopicAnswer } {
  const topic = name === null ? catalog.topicById(topicId) : catalog.topic(name)
  const denied = denialOf({ name, topicId }, topic, context)
  if (denied) return { answer: denied }
  if (!topic) {
    const errorCode = name === null ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return { answer: { name, topicId, errorCode, errorMessage: 'There is no such topic.' } }
  }
  if (topic.isInternal) {
    const errorMessage = 'This topic belongs to the broker.'
    const errorCode = ErrorCode.INVALID_TOPIC_EXCEPTION
    return { answer: { name: topic.name, topicId: topic.id, errorCode, errorMessage } }
  }
  const answer = { name: topic.name, topicId: topic.id, errorCode: ErrorCode.NONE, errorMessage: null }
  return { topic: topic.name, answer }
}

/** Who may delete is told what there is not; who may describe only, what there is (security.md §9). */
function denialOf(
  { name, topicId }: Wanted,
  topic: Topic | undefined,
  context: RequestContext,
): TopicAnswer | undefined {
  const known = topic?.name ?? name
  if (known === null || mayOnCluster(context, 'DELETE')) return undefined
  const isShown = mayOnTopic(context, 'DESCRIBE', known)
  if (isShown && !topic) return undefined
  const errorCode = denial(context, isShown ? 'DELETE' : 'DESCRIBE', 'TOPIC', known)
  if (errorCode === ErrorCode.NONE) return undefined
  return {
    name: isShown ? known : name,
    topicId,
    errorCode,
    errorMessage: 'This needs DELETE on the topic or the cluster.',
  }
}
