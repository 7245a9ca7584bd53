import { CreateTopics, type CreateTopicsRequest, ErrorCode } from '@rivven/protocol'
import { Breath, mapInTurns } from '../../breath.js'
import type { NewTopic, Topic } from '../../catalog/catalog.js'
import { newId } from '../../catalog/ids.js'
import { internalTopics, topicNameFault } from '../../catalog/topic-name.js'
import { effectiveConfig, type TopicConfigs, topicConfigFault } from '../../config/topic-configs.js'
import { topicSettings } from '../../config/topic-settings.js'
import { type Answer, type BrokerServices, handler, type RequestContext } from '../handler.js'
import { withoutRepeats } from '../repeats.js'
import { type Caller, denial, mayOnCluster, mayOnTopic } from '../rights/denial.js'
import { storageFault } from '../storage-fault.js'
import { assignmentFault } from './assignments.js'
import { beyondMutationQuota, withinMutationQuota } from './mutation-quota.js'
import { newPartitionsFault, noRoom } from './new-partitions.js'

/** Before, who makes too many partitions has to wait, and is not refused (KIP-599). */
const FIRST_VERSION_WITH_QUOTA = 6

type CreateAnswer = NonNullable<Answer<typeof CreateTopics>>
type TopicAnswer = NonNullable<CreateAnswer['topics']>[number]
type Wanted = CreateTopicsRequest['topics'][number]

interface Refusal {
  readonly errorCode: number
  readonly errorMessage: string
}

export const handleCreateTopics = handler(CreateTopics, async (request, services, context) => {
  const { clock } = services.runtime
  const { firsts, twice } = await withoutRepeats(request.topics, nameOf, new Breath(clock))
  const mayCreateAll = mayOnCluster(context, 'CREATE')
  const judge = (wanted: Wanted) => ({
    wanted,
    refusal: twice.has(wanted.name)
      ? refuse(ErrorCode.INVALID_REQUEST, 'The request names this topic twice.')
      : ((mayCreateAll ? undefined : denialOf(wanted, context)) ?? faultOf(wanted, services)),
  })
  const judged = await mapInTurns(firsts, clock, judge)
  const refusals = judged.flatMap(({ wanted, refusal }) => (refusal ? [refused(wanted.name, refusal)] : []))
  const wanted = judged.filter(({ refusal }) => !refusal)
  const accepted = await mapInTurns(wanted, clock, (one) => newTopic(one.wanted, services))
  return { topics: [...refusals, ...(await create(accepted, request.validateOnly, services, context))] }
})

function nameOf({ name }: Wanted): string {
  return name
}

async function create(
  accepted: readonly NewTopic[],
  validateOnly: boolean,
  services: BrokerServices,
  context: RequestContext,
): Promise<TopicAnswer[]> {
  const partitions = accepted.reduce((sum, { partitionCount }) => sum + partitionCount, 0)
  const fault = newPartitionsFault(partitions, services)
  const { clock, random } = services.runtime
  if (fault) return mapInTurns(accepted, clock, ({ name }) => refused(name, refuse(ErrorCode.POLICY_VIOLATION, fault)))
  const standard = effectiveConfigs(new Map(), services)
  const describe = (topic: NewTopic, id: string) =>
    mayOnTopic(context, 'DESCRIBE_CONFIGS', topic.name)
      ? made(topic, id, topic.configs?.size ? effectiveConfigs(topic.configs, services) : standard)
      : madeInSecret(topic, id)
  if (validateOnly) return mapInTurns(accepted, clock, (topic) => describe(topic, newId(random)))
  const { within, beyond } = withinMutationQuota(accepted, context, quotaRule)
  let topics: ReadonlyMap<string, Topic> = new Map()
  const store = async (): Promise<void> => {
    topics = await services.catalog.createTopics(within)
  }
  const late = beyond.map(({ name }) => refused(name, beyondMutationQuota))
  const notStored = await storageFault(store, services)
  if (notStored) return [...late, ...within.map(({ name }) => refused(name, notStored))]
  const answers = await mapInTurns(within, clock, (topic) => {
    const id = topics.get(topic.name)?.id
    if (id !== undefined) return describe(topic, id)
    // Somebody else was faster: with this topic, or with the last partitions there was room for.
    return services.catalog.topic(topic.name)
      ? refused(topic.name, refuse(ErrorCode.TOPIC_ALREADY_EXISTS, 'The topic exists already.'))
      : refused(topic.name, refuse(ErrorCode.POLICY_VIOLATION, noRoom(services.config)))
  })
  return [...late, ...answers]
}

const quotaRule = {
  firstWithError: FIRST_VERSION_WITH_QUOTA,
  partitionsOf: ({ partitionCount }: NewTopic) => partitionCount,
}

function refuse(errorCode: number, errorMessage: string): Refusal {
  return { errorCode, errorMessage }
}

/** The checks of data-plane.md §13.1, in Kafka's order. */
function faultOf(wanted: Wanted, { catalog, cluster }: BrokerServices): Refusal | undefined {
  const { name, assignments, configs } = wanted
  const { brokers } = cluster.image
  if (name === '__cluster_metadata')
    return refuse(ErrorCode.INVALID_REQUEST, 'This name belongs to the cluster itself.')
  const nameFault = topicNameFault(name)
  if (nameFault) return refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, nameFault)
  if (catalog.topic(name)) return refuse(ErrorCode.TOPIC_ALREADY_EXISTS, 'The topic exists already.')
  if (internalTopics.has(name)) return refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, 'The broker makes this topic itself.')
  const other = catalog.collidingTopic(name)
  if (other)
    return refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, `'.' and '_' count as the same: there is a topic ${other}.`)
  const countFault = assignments.length > 0 ? placementFault(wanted, brokers) : countsFault(wanted, brokers.size)
  if (countFault) return countFault
  for (const { name: key, value } of configs) {
    const fault = topicConfigFault(key, value)
    if (fault) return refuse(ErrorCode.INVALID_CONFIG, fault)
  }
  return undefined
}

function countsFault({ numPartitions, replicationFactor }: Wanted, brokers: number): Refusal | undefined {
  if (replicationFactor !== -1 && !(replicationFactor >= 1 && replicationFactor <= brokers)) {
    const [has, must] = brokers === 1 ? ['one broker', '1'] : [`${brokers} brokers`, `1 to ${brokers}`]
    const message = `This cluster has ${has}, so the replication factor must be ${must} (or -1), not ${replicationFactor}.`
    return refuse(ErrorCode.INVALID_REPLICATION_FACTOR, message)
  }
  if (numPartitions === 0 || numPartitions < -1) {
    return refuse(
      ErrorCode.INVALID_PARTITIONS,
      'A topic has at least one partition (-1: as many as the broker is set to).',
    )
  }
  return undefined
}

function placementFault(
  { numPartitions, replicationFactor, assignments }: Wanted,
  brokers: ReadonlyMap<number, unknown>,
): Refusal | undefined {
  if (numPartitions !== -1 || replicationFactor !== -1) {
    return refuse(ErrorCode.INVALID_REQUEST, 'Give assignments or counts, not both.')
  }
  const places = new Set(assignments.map(({ partitionIndex }) => partitionIndex))
  const isGapless = places.size === assignments.length && assignments.every((_, at) => places.has(at))
  if (!isGapless) return refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, 'Assignments must be for partitions 0, 1, 2, …')
  const fault = assignmentFault(
    assignments.map(({ brokerIds }) => brokerIds),
    brokers,
  )
  return fault ? refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, fault) : undefined
}

function newTopic(wanted: Wanted, { config }: BrokerServices): NewTopic {
  const { name, numPartitions, replicationFactor, configs } = wanted
  const own = new Map(configs.map(({ name: key, value }) => [key, value ?? '']))
  if (wanted.assignments.length > 0) return { name, ...placed(wanted), configs: own }
  const partitionCount = numPartitions === -1 ? config.num_partitions : numPartitions
  // The default is a wish for all times, and holds as well while fewer brokers are here.
  const replicas = replicationFactor === -1 ? config.default_replication_factor : replicationFactor
  return { name, partitionCount, replicationFactor: replicas, configs: own }
}

/** Where the client wants it: the first replica leads. */
function placed({ assignments }: Wanted) {
  const byIndex = [...assignments].sort((a, b) => a.partitionIndex - b.partitionIndex)
  return {
    partitionCount: byIndex.length,
    replicationFactor: byIndex[0]?.brokerIds.length,
    leaders: byIndex.map(({ brokerIds }) => brokerIds[0] as number),
  }
}

function denialOf({ name }: Wanted, caller: Caller): Refusal | undefined {
  const denied = denial(caller, 'CREATE', 'TOPIC', name)
  return denied === ErrorCode.NONE ? undefined : refuse(denied, 'This needs CREATE on the topic or the cluster.')
}

/** A topic that was made by someone who may not see its configs (KIP-525). */
function madeInSecret({ name }: NewTopic, topicId: string): TopicAnswer {
  const hidden = {
    topicConfigErrorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    numPartitions: -1,
    replicationFactor: -1,
  }
  return { name, topicId, errorCode: ErrorCode.NONE, errorMessage: null, configs: [], ...hidden }
}

function made(
  { name, partitionCount, replicationFactor = 1 }: NewTopic,
  topicId: string,
  configs: TopicAnswer['configs'],
): TopicAnswer {
  return {
    name,
    topicId,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    numPartitions: partitionCount,
    replicationFactor,
    configs,
  }
}

function effectiveConfigs(own: TopicConfigs, { config }: BrokerServices) {
  return [...topicSettings.keys()].map((key) => {
    const { name, value, source } = effectiveConfig(key, own, config)
    return { name, value, readOnly: false, configSource: source, isSensitive: false }
  })
}

function refused(name: string, { errorCode, errorMessage }: Refusal): TopicAnswer {
  return { name, errorCode, errorMessage, numPartitions: -1, replicationFactor: -1, configs: [] }
}
