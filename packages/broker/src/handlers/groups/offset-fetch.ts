import type { FetchedGroup } from '@rivven/groups'
import { ErrorCode, OffsetFetch, type OffsetFetchRequest, type OffsetFetchResponse, ZERO_UUID } from '@rivven/protocol'
import { askInTurns } from '../../breath.js'
import type { Catalog } from '../../catalog/catalog.js'
import type { Coordinator } from '../../coordinator/groups/coordinator.js'
import { handler, type RequestContext } from '../handler.js'
import { denial, mayOnTopic } from '../rights/denial.js'

type AskedGroup = Pick<OffsetFetchRequest['groups'][number], 'groupId' | 'topics'>

/** One group in versions 1-7, several from 8 on, topics by id from 10 on (classic-groups.md §3.2). */
export const handleOffsetFetch = handler(OffsetFetch, (request, services, context) => {
  const { catalog, coordinator, runtime } = services
  const { apiVersion } = context
  const call = { coordinator, context, requireStable: request.requireStable }
  if (apiVersion < 8) {
    const fetched = fetchPermitted(oneGroup(request), call)
    return fetched instanceof Promise
      ? fetched.then((group) => oldAnswer(group, request, apiVersion))
      : oldAnswer(fetched, request, apiVersion)
  }
  const fetch = (asked: AskedGroup) => (apiVersion < 10 ? fetchPermitted(asked, call) : fetchById(asked, catalog, call))
  const only = request.groups.length === 1 ? fetch(request.groups[0] as AskedGroup) : undefined
  if (only && !(only instanceof Promise)) return newAnswer([only])
  if (only) return only.then((group) => newAnswer([group]))
  return askInTurns(request.groups, runtime.clock, onceForAll(fetch)).then(newAnswer)
})

/** All offsets of a group are looked up once in a request, however often it names the group: that is the answer's size. */
function onceForAll<Result>(fetch: (asked: AskedGroup) => Result): (asked: AskedGroup) => Result {
  const known = new Map<string, Result>()
  return (asked) => {
    if (asked.topics) return fetch(asked)
    const found = known.get(asked.groupId) ?? fetch(asked)
    known.set(asked.groupId, found)
    return found
  }
}

interface Call {
  readonly coordinator: Coordinator
  readonly context: RequestContext
  readonly requireStable: boolean
}

/** As much of a group as its caller may see: nothing of topics that may not be described. */
function fetchPermitted(
  { groupId, topics }: AskedGroup,
  { coordinator, context, requireStable }: Call,
): FetchedGroup | Promise<FetchedGroup> {
  const denied = denial(context, 'DESCRIBE', 'GROUP', groupId)
  if (denied !== ErrorCode.NONE) return { groupId, topics: [], errorCode: denied }
  const isOpen = ({ name }: { name: string }) => mayOnTopic(context, 'DESCRIBE', name)
  if (topics?.every(isOpen)) return coordinator.fetchOffsets({ groupId, topics }, requireStable)
  const closed = topics?.filter((topic) => !isOpen(topic)) ?? []
  const refusals = closed.map((topic) => withoutOffsets(topic, denial(context, 'DESCRIBE', 'TOPIC', topic.name)))
  const fetched = coordinator.fetchOffsets({ groupId, topics: topics?.filter(isOpen) ?? null }, requireStable)
  const permitted = (group: FetchedGroup) => ({ ...group, topics: [...group.topics.filter(isOpen), ...refusals] })
  return fetched instanceof Promise ? fetched.then(permitted) : permitted(fetched)
}

function oneGroup({ groupId, topics }: OffsetFetchRequest): AskedGroup {
  return { groupId, topics: topics?.map((topic) => ({ ...topic, topicId: ZERO_UUID })) ?? null }
}

function newAnswer(groups: FetchedGroup[]): OffsetFetchResponse {
  return { throttleTimeMs: 0, topics: [], errorCode: ErrorCode.NONE, groups }
}

/** Versions 0 and 1 have no error at the top: it stands with every partition that was asked for. */
function oldAnswer(group: FetchedGroup, request: OffsetFetchRequest, apiVersion: number): OffsetFetchResponse {
  const { errorCode } = group
  const topics = errorCode !== ErrorCode.NONE && apiVersion < 2 ? refused(request, errorCode) : group.topics
  return { throttleTimeMs: 0, topics, errorCode, groups: [] }
}

function refused({ topics }: OffsetFetchRequest, errorCode: number): OffsetFetchResponse['topics'] {
  return (topics ?? []).map((topic) => withoutOffsets({ ...topic, topicId: ZERO_UUID }, errorCode))
}

type AskedTopic = NonNullable<AskedGroup['topics']>[number]

function withoutOffsets({ name, topicId, partitionIndexes }: AskedTopic, errorCode: number) {
  const nothing = { committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode }
  return { name, topicId, partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, ...nothing })) }
}

/** Ids that are known become names; unknown ones are answered here. "All" leaves out topics that have no id any more. */
async function fetchById(asked: AskedGroup, catalog: Catalog, call: Call): Promise<FetchedGroup> {
  const topics =
    asked.topics?.map((topic) => ({ ...topic, name: catalog.topicById(topic.topicId)?.name ?? '' })) ?? null
  const known = topics?.filter((topic) => topic.name !== '') ?? null
  const group = await fetchPermitted({ groupId: asked.groupId, topics: known }, call)
  if (group.errorCode !== ErrorCode.NONE) return group
  if (!topics)
    return {
      ...group,
      topics: group.topics.map((topic) => withId(topic, catalog)).filter((topic) => topic.topicId !== ZERO_UUID),
    }
  const unknown = topics
    .filter((topic) => topic.name === '')
    .map((topic) => withoutOffsets(topic, ErrorCode.UNKNOWN_TOPIC_ID))
  return { ...group, topics: [...group.topics, ...unknown] }
}

function withId(topic: FetchedGroup['topics'][number], catalog: Catalog): FetchedGroup['topics'][number] {
  return topic.topicId === ZERO_UUID ? { ...topic, topicId: catalog.topic(topic.name)?.id ?? ZERO_UUID } : topic
}
