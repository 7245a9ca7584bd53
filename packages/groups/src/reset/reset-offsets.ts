import { rebalanceTimeout } from '../classic/members.js'
import { prepareRebalance } from '../classic/rebalance.js'
import type { Call, Decision } from '../decision.js'
import { armDeadline, createGroup, type Group } from '../group.js'
import { offsetRoom } from '../offsets/room.js'
import type { GroupShard } from '../shard.js'
import { answerOnly, storyMember, Turn } from '../turn.js'
import { administratorOf } from './administrator.js'
import { changeOffsets, planOf, told } from './change-offsets.js'
import { fingerprintOf } from './fingerprint.js'
import { whyReset } from './reset-deadline.js'
import type { ResetOutcome, ResetRefusal, ResetRequest, RunningReset } from './running-reset.js'

/** What is stored in one batch, which a reader has to take as a whole. */
const mostPartitions = 20_000
const mostBytes = 8_000_000
/** Of an offset's record and its part of the snapshot, beside the names of its group and topic. */
const bytesOfOffset = 90
/** So long a commit of a transaction may be on its way that names neither generation nor member. */
const anonymousForMs = 3_600_000

/**
 * Moves offsets of a group for somebody who is no member (operators.md §4.2). Without members they move at once. Members are asked to
 * join again, so that they give up what they have and commit it; with the generation that is formed then the offsets move, and
 * whoever is not in it can commit no more.
 */
export function resetOffsets(shard: GroupShard, call: Call<ResetRequest>): Decision {
  const { request, ticket, context, now } = call
  const known = shard.groups.get(request.groupId)
  const group = known ?? createGroup(request.groupId)
  const refuse = (why: ResetRefusal) => answerOnly(ticket, refused(why, group), known?.nextDeadline)
  const why = refusalOf(known, call) ?? refusalOfPlace(shard, group, request)
  if (why) return refuse(why)
  const planned = planOf(group, request)
  const fingerprint = fingerprintOf(planned)
  const isEmpty = group.state === 'Empty'
  const { ifUnchanged } = request
  if (ifUnchanged !== null && !(isEmpty && ifUnchanged === fingerprint)) return refuse('offsets changed')
  const who = administratorOf(context)
  const memberCount = group.members.size
  if (request.isPlan) {
    const { generation } = group
    const mode = isEmpty ? 'empty' : 'handed over'
    const plan = { changes: planned.map(told), fingerprint, generation, mode, memberCount } as const
    return answerOnly(ticket, { kind: 'planned', ...plan, snapshot: null, fenced: [] }, known?.nextDeadline)
  }
  const turn = new Turn(shard, group, now)
  if (isEmpty) turn.answer(ticket, changeOffsets(turn, { request, who, mode: 'empty', memberCount, fenced: [] }))
  else begin(turn, { request, who, ticket, memberCount })
  return turn.decide()
}

/** Members learn of it as of any rebalance. In the middle of one it is told anew, so that its story has the cause. */
function begin(turn: Turn, asked: Pick<RunningReset, 'request' | 'who' | 'ticket' | 'memberCount'>): void {
  const { group, now } = turn
  const handoverMs = Math.min(asked.request.handoverMs, rebalanceTimeout(group))
  const reset: RunningReset = {
    ...asked,
    since: now.monotonic,
    deadline: now.monotonic + handoverMs,
    fenced: [],
    stage: 'joining',
    isOver: false,
  }
  group.reset = reset
  armDeadline(group, reset.deadline)
  prepareRebalance(turn, whyReset(reset))
}

function refusalOf(group: Group | undefined, { request, now }: Call<ResetRequest>): ResetRefusal | null {
  if (!group) return request.mayCreate || request.undoes !== null ? null : 'no such group'
  if (group.reset) return 'reset in progress'
  if (group.protocolType !== null && group.protocolType !== 'consumer') return 'no consumers'
  if (group.state === 'Empty') return null
  if (!request.isLive && !request.isPlan) return 'has members'
  const isAnonymous = now.wall - group.offsets.anonymousAt < anonymousForMs
  return isAnonymous && !request.isForced ? 'anonymous commits' : null
}

function refusalOfPlace(shard: GroupShard, group: Group, { groupId, wanted }: ResetRequest): ResetRefusal | null {
  if (wanted.length > mostPartitions) return 'too many'
  let bytes = 0
  const name = Buffer.byteLength(groupId)
  const hasRoomFor = offsetRoom(shard, group)
  for (const { topic, partition, aim } of wanted) {
    bytes += name + Buffer.byteLength(topic) + bytesOfOffset
    const isStored = aim.kind !== 'stay' && aim.kind !== 'forget'
    if (isStored && !hasRoomFor(topic, partition, { metadata: '' })) return 'no room'
  }
  return bytes > mostBytes ? 'too many' : null
}

function refused(why: ResetRefusal, { members }: Group): ResetOutcome {
  return { kind: 'refused', why, members: Array.from(members.values(), storyMember) }
}
