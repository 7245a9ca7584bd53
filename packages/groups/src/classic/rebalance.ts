import { ErrorCode } from '@rivven/protocol'
import type { StoredGroup } from '../events.js'
import { armDeadline, type Group, type Member, nextGeneration } from '../group.js'
import type { LateMember, RebalanceCause, StoryMember } from '../rebalance-note.js'
import { noBytes } from '../refusals.js'
import { turnOver } from '../reset/change-offsets.js'
import { stepAfterJoining } from '../reset/hand-over.js'
import type { Turn } from '../turn.js'
import { causeAfterLoad } from './causes.js'
import { electionOf } from './election.js'
import { beginInitialWait, endsInitialWait } from './initial-wait.js'
import { joinGroupAnswer } from './join-answer.js'
import { lastOf } from './last-of-member.js'
import { givenUp, lateJoiners } from './late-members.js'
import { clearPendingSync, rebalanceTimeout, removeMember, renewSession, takeJoin, unparkSync } from './members.js'
import { countVotes, electProtocol, metadataOf, topicsOfGroup } from './voting.js'

/** Of members that ask for no time to join: the group would look for them all the time. */
const shortestWaitAgainMs = 1_000

export interface RebalanceReason {
  readonly cause: RebalanceCause
  readonly member?: Member
  /** Who is no member, and asked for it. */
  readonly asker?: StoryMember
  readonly reason?: string | null
}

/** T2, T3, T4: the group leaves its generation and collects JoinGroups. In PreparingRebalance it only looks if all are there. */
export function prepareRebalance(turn: Turn, why: RebalanceReason): void {
  const { group, now } = turn
  if (group.state === 'PreparingRebalance') {
    // Whoever asks for one in the middle of another has it told for what it is from then on.
    if (why.asker) noteStart(turn, why)
    completeIfAllJoined(turn)
    return
  }
  if (group.state === 'CompletingRebalance') releaseSyncs(turn)
  clearPendingSync(group)
  const wasEmpty = group.state === 'Empty'
  group.state = 'PreparingRebalance'
  group.stateTimestamp = now.wall
  const cause = causeAfterLoad(group, why, now)
  group.loadedAt = null
  noteStart(turn, { ...why, cause })
  if (wasEmpty) beginInitialWait(turn)
  else {
    awaitJoins(turn)
    completeIfAllJoined(turn)
  }
}

/**
 * Ends the join phase if every member waits in JoinGroup and no handed-out id is still to come.
 * The wait of a group that was empty ends by its timer only, but for members and ids that expire (`evenInitial`).
 */
export function completeIfAllJoined(turn: Turn, { evenInitial = false } = {}): void {
  const { group } = turn
  if (group.state !== 'PreparingRebalance') return
  if (group.joinPhase?.kind === 'initial' && !evenInitial) return
  if (group.members.size === group.parkedJoins && group.pendingJoin.size === 0) completeJoinPhase(turn)
}

function noteStart(turn: Turn, { asker, ...why }: RebalanceReason): void {
  const settled = turn.group.stored
  turn.note('started', { ...why, facts: asker ? { settled, member: asker } : { settled } })
}

/** The timer of the join phase fired: a group that was empty may wait on for more members, others go on with who is there. */
export function joinTimerFired(turn: Turn): void {
  const phase = turn.group.joinPhase
  if (phase?.kind !== 'initial' || endsInitialWait(turn, phase)) completeJoinPhase(turn)
}

/** The group as a record holds it; assignments are taken from `assignments`, or as they are. */
export function storedGroup(group: Group, wall: number, assignments?: ReadonlyMap<string, Buffer>): StoredGroup {
  return {
    protocolType: group.protocolType ?? '',
    generation: group.generation,
    protocolName: group.protocolName,
    leaderId: group.leaderId,
    stateTimestamp: wall,
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      sessionTimeoutMs: member.sessionTimeoutMs,
      subscription: metadataOf(member, group.protocolName),
      assignment: assignments ? (assignments.get(member.memberId) ?? noBytes) : member.assignment,
    })),
  }
}

/** Who waited is told to join again; if its session ended meanwhile, it has a new one to do so, or would never expire. */
function releaseSyncs(turn: Turn): void {
  for (const member of turn.group.members.values()) {
    member.assignment = noBytes
    if (member.deadline === Number.POSITIVE_INFINITY) renewSession(turn.group, member, turn.now.monotonic)
    unparkSync(turn, member, ErrorCode.REBALANCE_IN_PROGRESS)
  }
}

function awaitJoins({ group, now }: Turn, shortestMs = 0): void {
  const since = group.joinPhase?.since ?? now.monotonic
  const waitMs = Math.max(shortestMs, rebalanceTimeout(group))
  group.joinPhase = { kind: 'rejoin', since, deadline: now.monotonic + waitMs }
  armDeadline(group, group.joinPhase.deadline)
}

/** Specification 1.7: the members that came form the next generation (T5), or there is none and the group is empty (T6). */
export function completeJoinPhase(turn: Turn): void {
  const { group } = turn
  const { reset } = group
  const step = reset ? stepAfterJoining(turn, reset) : 'turn'
  removeAbsentDynamicMembers(turn)
  if (group.members.size > 0 && !electJoinedLeader(group)) {
    awaitJoins(turn, shortestWaitAgainMs)
    return
  }
  const late = lateJoiners(turn)
  group.joinPhase = null
  group.generation = nextGeneration(group)
  clearPendingSync(group)
  if (group.members.size === 0) becomeEmpty(turn)
  else formGeneration(turn, late)
  if (reset && step === 'turn') turnOver(turn, reset)
  else if (reset) reset.stage = 'draining'
}

function formGeneration(turn: Turn, late: readonly LateMember[]): void {
  const { group, now } = turn
  const votes = countVotes(group)
  group.protocolName = electProtocol(group, votes)
  group.subscribedTopics = topicsOfGroup(group)
  group.state = 'CompletingRebalance'
  group.stateTimestamp = now.wall
  turn.emit({ kind: 'GenerationReserved', groupId: group.groupId, generation: group.generation })
  turn.note('formed', { facts: { late, election: electionOf(group, votes) } })
  answerJoins(turn)
  awaitSyncs(turn)
}

function removeAbsentDynamicMembers(turn: Turn): void {
  const cause = 'member did not join'
  for (const member of [...turn.group.members.values()]) {
    if (member.parkedJoin || member.groupInstanceId !== null) continue
    removeMember(turn, member)
    turn.note('removed', { cause, member, facts: { late: givenUp(turn, member, cause), last: lastOf(member) } })
  }
}

/** A leader that did not join hands over to the first member that did. False if nobody joined. */
function electJoinedLeader(group: Group): boolean {
  if (group.leaderId !== null && group.members.get(group.leaderId)?.parkedJoin) return true
  for (const member of group.members.values()) {
    if (!member.parkedJoin) continue
    group.leaderId = member.memberId
    return true
  }
  return false
}

function becomeEmpty(turn: Turn): void {
  const { group, now } = turn
  group.protocolName = null
  group.leaderId = null
  const settled = storedGroup(group, now.wall)
  turn.emit({ kind: 'GroupStored', groupId: group.groupId, group: settled })
  turn.note('emptied', { facts: { settled } })
}

function answerJoins(turn: Turn): void {
  const { group } = turn
  for (const member of group.members.values()) {
    const parked = takeJoin(group, member)
    if (parked) turn.answer(parked.ticket, joinGroupAnswer(group, member, parked.apiVersion))
  }
}

function awaitSyncs(turn: Turn): void {
  const { group, now } = turn
  for (const member of group.members.values()) {
    member.isNew = false
    renewSession(group, member, now.monotonic)
    group.pendingSync.add(member.memberId)
  }
  group.formedAt = now.monotonic
  group.pendingSyncDeadline = now.monotonic + rebalanceTimeout(group)
  armDeadline(group, group.pendingSyncDeadline)
}
