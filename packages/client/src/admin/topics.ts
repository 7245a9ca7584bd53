import { errorFromCode } from '@rivven/link'
import { CreatePartitions, CreateTopics, DeleteTopics, ErrorCode } from '@rivven/protocol'
import type { ClusterImage, PartitionImage, TopicImage } from '../net/cluster-image.js'
import { type AdminCalls, asRequest, resourceError, throwAny, throwFailures } from './calls.js'

export interface NewTopic {
  name: string
  /** Default: the broker's `num.partitions`. */
  partitions?: number
  /** Default: the broker's `default.replication.factor`. */
  replicationFactor?: number
  /** Topic configs by Kafka's names, such as `retention.ms`. */
  configs?: Readonly<Record<string, string>>
  /** Brokers of each partition, in place of counts. */
  assignments?: readonly (readonly number[])[]
}

export interface CreatedTopic {
  name: string
  /** Zero where the broker gives no ids. */
  id: string
  /** -1 where the broker does not tell (Kafka before 2.4). */
  partitions: number
  replicationFactor: number
}

export interface TopicDescription {
  name: string
  /** 22 characters, zero where the broker gives no ids. */
  id: string
  isInternal: boolean
  partitions: readonly Omit<PartitionImage, 'errorCode'>[]
}

/** After creation, brokers are asked this long until all of them could tell about the topic. */
const visibleWithinMs = 5_000

export async function createTopics(
  calls: AdminCalls,
  topics: readonly NewTopic[],
  validateOnly: boolean,
): Promise<CreatedTopic[]> {
  const request = asRequest(CreateTopics, { topics: topics.map(creatable), timeoutMs: calls.timeoutMs, validateOnly })
  const answer = await calls.toController(CreateTopics, request, ({ topics }) =>
    topics.map(({ errorCode }) => errorCode),
  )
  throwFailures(answer.topics, ({ name }) => ({
    what: `Creating topic ${name}`,
    facts: { topic: name, operation: 'CREATE' },
  }))
  if (!validateOnly) await untilVisible(calls, topics)
  return answer.topics.map(({ name, topicId, numPartitions, replicationFactor }) => {
    return { name, id: topicId, partitions: numPartitions, replicationFactor }
  })
}

function creatable(topic: NewTopic) {
  const assignments = topic.assignments?.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })) ?? []
  const counts: Partial<NewTopic> = assignments.length === 0 ? topic : {}
  return {
    name: topic.name,
    numPartitions: counts.partitions ?? -1,
    replicationFactor: counts.replicationFactor ?? -1,
    assignments,
    configs: Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value })),
  }
}

/** A broker serves a new topic soon, not at once (data-plane §13.1): callers want to use it at once. */
async function untilVisible(calls: AdminCalls, topics: readonly NewTopic[]): Promise<void> {
  const names = topics.map(({ name }) => name)
  const patient = calls.within(visibleWithinMs)
  await patient
    .retrying('Waiting for new topics', async () => {
      const image = await calls.cluster.metadata(names, { isFresh: true })
      const isThere = (name: string) => image.topics.get(name)?.partitions.some(({ leader }) => leader >= 0) ?? false
      if (!names.every(isThere)) throw errorFromCode(ErrorCode.LEADER_NOT_AVAILABLE, 'Waiting for new topics')
    })
    .catch(stayCreated)
}

function stayCreated(): void {
  // They are created all the same; whoever uses them retries until leaders are elected.
}

export async function deleteTopics(calls: AdminCalls, names: readonly string[]): Promise<void> {
  const request = (version: number) => {
    const topics = version >= 6 ? { topics: names.map((name) => ({ name })) } : { topicNames: [...names] }
    return asRequest(DeleteTopics, { ...topics, timeoutMs: calls.timeoutMs })
  }
  const answer = await calls.toController(DeleteTopics, request, ({ responses }) => responses.map((r) => r.errorCode))
  throwFailures(answer.responses, ({ name }) => ({
    what: `Deleting topic ${name}`,
    facts: { topic: name ?? undefined, operation: 'DELETE' },
  }))
}

export async function createPartitions(
  calls: AdminCalls,
  topics: readonly { topic: string; count: number }[],
  validateOnly: boolean,
): Promise<void> {
  const request = asRequest(CreatePartitions, {
    topics: topics.map(({ topic, count }) => ({ name: topic, count, assignments: null })),
    timeoutMs: calls.timeoutMs,
    validateOnly,
  })
  const answer = await calls.toController(CreatePartitions, request, ({ results }) => results.map((r) => r.errorCode))
  throwFailures(answer.results, ({ name }) => ({
    what: `Adding partitions to topic ${name}`,
    facts: { topic: name, operation: 'ALTER' },
  }))
}

export async function listTopics(calls: AdminCalls): Promise<TopicDescription[]> {
  const image = await calls.cluster.metadata('all')
  const there = [...image.topics.values()].filter(({ errorCode }) => errorCode === ErrorCode.NONE)
  return there.map(description).sort((a, b) => (a.name < b.name ? -1 : 1))
}

export async function describeTopics(calls: AdminCalls, names: readonly string[]): Promise<TopicDescription[]> {
  const image = await calls.cluster.metadata(names, { isFresh: true })
  return topicsOf(image, names).map(description)
}

/** The topics with these names; throws the errors of those that are not there: a topic comes no sooner by asking again. */
export function topicsOf(image: ClusterImage, names: readonly string[]): TopicImage[] {
  const found = names.map((name) => {
    return image.topics.get(name) ?? { ...missing, name }
  })
  const bad = found.filter(
    ({ errorCode }) => errorCode !== ErrorCode.NONE && errorCode !== ErrorCode.LEADER_NOT_AVAILABLE,
  )
  throwAny(
    bad.map((topic) =>
      resourceError(topic, `Looking up topic ${topic.name}`, { topic: topic.name, operation: 'DESCRIBE' }, false),
    ),
  )
  return found
}

const missing = { id: '', errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, isInternal: false, partitions: [] }

function description({ name, id, isInternal, partitions }: TopicImage): TopicDescription {
  return { name, id, isInternal, partitions: partitions.map(({ errorCode: _, ...partition }) => partition) }
}
