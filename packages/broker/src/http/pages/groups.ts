import type { RebalanceStory } from '@rivven/groups'
import { decodeAssignment, type Group, type Member, subscribedTopics, type TopicPartitions } from '@rivven/groups'
import { Breath } from '../../breath.js'
import { type Caller, mayOnCluster, mayOnTopic } from '../../handlers/rights/denial.js'
import { learnEnds } from '../committed-elsewhere.js'
import { lagsOf } from '../group-lag.js'
import type { GuardedPage, Visit } from '../page.js'
import { jsonList } from '../page-stream.js'

/** One line of `GET /api/groups`. */
export interface GroupLine {
  readonly groupId: string
  readonly state: string
  /** Null: it only has committed offsets. */
  readonly protocolType: string | null
  readonly memberCount: number
  /** Records it is behind, over all partitions with a committed offset. */
  readonly lag: number
}

/** `GET /api/groups/:group` */
export interface GroupPage extends GroupLine {
  readonly protocol: string | null
  readonly generation: number
  readonly leader: string | null
  readonly members: readonly MemberPart[]
  readonly offsets: readonly OffsetPart[]
}

export interface MemberPart {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  /** Null: not of protocol type `consumer`, or not readable. */
  readonly topics: readonly string[] | null
  readonly assignment: readonly TopicPartitions[] | null
}

export interface OffsetPart {
  readonly topic: string
  readonly partition: number
  readonly committedOffset: number
  readonly metadata: string
  /** Milliseconds since 1970. */
  readonly committedAt: number
  /** Null: another broker leads the partition. */
  readonly logStartOffset: number | null
  readonly logEndOffset: number
  readonly lag: number
}

export const groupPages: readonly GuardedPage[] = [
  {
    kind: 'guarded',
    name: 'GET /api/groups',
    answer: async (visit) => jsonList('groups', await listGroups(visit), visit.broker.runtime.clock),
  },
  { kind: 'guarded', name: 'GET /api/groups/:group', answer: describeGroup },
  {
    kind: 'guarded',
    name: 'GET /api/groups/:group/timeline',
    answer: ({ context, broker, caller }) => {
      const stories = broker.flightRecorder.storiesOf(groupIdOf(context))
      return context.json({ rebalances: stories.map((story) => storyFor(caller, story)) })
    },
  },
]

function groupIdOf(context: Visit['context']): string {
  return context.req.param('group') ?? ''
}

/** All groups that the caller may see, by name. */
async function listGroups(visit: Visit): Promise<GroupLine[]> {
  const { broker, caller } = visit
  await learnEnds(broker)
  const breath = new Breath(broker.runtime.clock)
  const seesAll = mayOnCluster(caller, 'DESCRIBE')
  const lines: GroupLine[] = []
  for (const group of broker.coordinator.groups()) {
    if (seesAll || caller.access.may('DESCRIBE', 'GROUP', group.groupId)) lines.push(lineOf(group, visit))
    if (breath.isDue) await breath.take()
  }
  return lines.sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
}

/** What it says is durable. */
async function describeGroup(visit: Visit): Promise<Response> {
  const { context, broker } = visit
  await learnEnds(broker)
  const groupId = groupIdOf(context)
  const unknown = { error: `There is no group ${groupId}.` }
  const look = (group: Group | undefined): Response =>
    group ? context.json(pageOf(group, visit)) : context.json(unknown, 404)
  const loading = { error: 'The group is being loaded: /health/ready says when that is done.' }
  return broker.coordinator.look(groupId, look, () => context.json(loading, 503))
}

/** What may be told of topics: those that the caller may not describe are left out. */
function isOpenTo(caller: Caller): (topic: string) => boolean {
  return (topic) => mayOnTopic(caller, 'DESCRIBE', topic)
}

function lineOf(group: Group, { broker, caller }: Visit): GroupLine {
  const { groupId, state, protocolType, members } = group
  let lag = 0
  // What is beyond the end of one partition makes up for nothing in another.
  for (const partition of lagsOf(group, broker, isOpenTo(caller))) lag += Math.max(0, partition.lag)
  return { groupId, state, protocolType, memberCount: members.size, lag }
}

function pageOf(group: Group, visit: Visit): GroupPage {
  const isOpen = isOpenTo(visit.caller)
  return {
    ...lineOf(group, visit),
    protocol: group.protocolName,
    generation: group.generation,
    leader: group.leaderId,
    members: Array.from(group.members.values(), (member) => memberOf(group, member, isOpen)),
    offsets: Array.from(lagsOf(group, visit.broker, isOpen), ({ committed, ...rest }) => ({
      ...rest,
      committedOffset: committed.offset,
      metadata: committed.metadata,
      committedAt: committed.commitTimestamp,
    })),
  }
}

function storyFor(caller: Caller, story: RebalanceStory): RebalanceStory {
  const { partitions } = story
  if (!partitions) return story
  const isOpen = isOpenTo(caller)
  return { ...story, partitions: { ...partitions, moves: partitions.moves.filter(({ topic }) => isOpen(topic)) } }
}

function memberOf(group: Group, member: Member, isOpen: (topic: string) => boolean): MemberPart {
  const { memberId, groupInstanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs } = member
  const isConsumer = group.protocolType === 'consumer'
  const protocol = member.protocols.find(({ name }) => name === group.protocolName) ?? member.protocols[0]
  const topics = isConsumer && protocol ? subscribedTopics(protocol.metadata) : null
  const assigned = isConsumer ? readAssignment(member.assignment) : null
  const assignment = assigned?.filter(({ topic }) => isOpen(topic)) ?? null
  const who = { memberId, groupInstanceId, clientId, clientHost }
  return { ...who, sessionTimeoutMs, rebalanceTimeoutMs, topics: topics && [...topics].filter(isOpen), assignment }
}

/** No bytes: nothing was assigned. Bytes of somebody's own format: null. */
function readAssignment(bytes: Buffer): readonly TopicPartitions[] | null {
  if (bytes.length === 0) return []
  try {
    return decodeAssignment(bytes).assignedPartitions
  } catch {
    return null
  }
}
