import { CreatePartitions, type CreatePartitionsRequest, ErrorCode } from '@rivven/protocol'
import { Breath, mapInTurns } from '../../breath.js'
import type { TopicGrowth } from '../../catalog/catalog.js'
import { type Answer, type BrokerServices, handler, type RequestContext } from '../handler.js'
import { withoutRepeats } from '../repeats.js'
import { denial } from '../rights/denial.js'
import { storageFault } from '../storage-fault.js'
import { assignmentFault } from './assignments.js'
import { beyondMutationQuota, withinMutationQuota } from './mutation-quota.js'
import { newPartitionsFault, noRoom } from './new-partitions.js'

/** Before, who makes too many partitions has to wait, and is not refused (KIP-599). */
const FIRST_VERSION_WITH_QUOTA = 3

type TopicAnswer = NonNullable<NonNullable<Answer<typeof CreatePartitions>>['results']>[number]
type Wanted = CreatePartitionsRequest['topics'][number]

export const handleCreatePartitions = handler(CreatePartitions, async (request, services, context) => {
  const { clock } = services.runtime
  const { firsts: topics, twice } = await withoutRepeats(request.topics, nameOf, new Breath(clock))
  const judge = (wanted: Wanted) =>
    twice.has(wanted.name)
      ? refuse(wanted.name, ErrorCode.INVALID_REQUEST, 'The request names this topic twice.')
      : (denialOf(wanted, context) ??
        faultOf(wanted, services) ?? { name: wanted.name, errorCode: ErrorCode.NONE, errorMessage: null })
  const judged = await mapInTurns(topics, clock, judge)
  const accepted = topics.filter((_, at) => judged[at]?.errorCode === ErrorCode.NONE)
  const { within, beyond } = request.validateOnly
    ? { within: accepted, beyond: [] }
    : withinMutationQuota(accepted, context, {
        firstWithError: FIRST_VERSION_WITH_QUOTA,
        partitionsOf: addedBy(services),
      })
  const late = beyond.map(({ name }) => [name, { name, ...beyondMutationQuota }] as const)
  const left = new Map([...late, ...(await grow(within, request.validateOnly, services))])
  return { results: judged.map((answer) => left.get(answer.name ?? '') ?? answer) }
})

/** The answers to those topics that must not grow after all. */
async function grow(
  accepted: readonly Wanted[],
  validateOnly: boolean,
  services: BrokerServices,
): Promise<ReadonlyMap<string, TopicAnswer>> {
  const added = accepted.map(addedBy(services)).reduce((sum, count) => sum + count, 0)
  const fault = newPartitionsFault(added, services)
  const left = new Map<string, TopicAnswer>()
  let grown: ReadonlySet<string> | undefined
  const store = async (): Promise<void> => {
    grown = await services.catalog.growTopics(accepted.map(growthOf))
  }
  const notStored = fault || validateOnly ? undefined : await storageFault(store, services)
  if (notStored) return new Map(accepted.map(({ name }) => [name, { name, ...notStored }]))
  for (const { name } of accepted) {
    if (validateOnly && !fault) continue
    // Somebody else was faster with the last partitions that there was room for.
    if (!grown?.has(name)) left.set(name, refuse(name, ErrorCode.POLICY_VIOLATION, fault ?? noRoom(services.config)))
  }
  return left
}

function growthOf({ name, count, assignments }: Wanted): TopicGrowth {
  return { name, count, leaders: assignments?.map(({ brokerIds }) => brokerIds[0] as number) }
}

function addedBy({ catalog }: BrokerServices): (wanted: Wanted) => number {
  return ({ name, count }) => count - (catalog.topic(name)?.partitionCount ?? 0)
}

function nameOf({ name }: Wanted): string {
  return name
}

function refuse(name: string, errorCode: number, errorMessage: string): TopicAnswer {
  return { name, errorCode, errorMessage }
}

function denialOf({ name }: Wanted, context: RequestContext): TopicAnswer | undefined {
  const denied = denial(context, 'ALTER', 'TOPIC', name)
  return denied === ErrorCode.NONE ? undefined : refuse(name, denied, 'This needs ALTER on the topic.')
}

function faultOf({ name, count, assignments }: Wanted, { catalog, cluster }: BrokerServices): TopicAnswer | undefined {
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
  if (assignments === null) return undefined
  if (assignments.length !== added) {
    const message = `${added} partitions are added, but ${assignments.length} assignments given.`
    return refuse(name, ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)
  }
  const fault = assignmentFault(
    assignments.map(({ brokerIds }) => brokerIds),
    cluster.image.brokers,
  )
  return fault ? refuse(name, ErrorCode.INVALID_REPLICA_ASSIGNMENT, fault) : undefined
}
