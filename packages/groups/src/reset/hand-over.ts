import { lastOf } from '../classic/last-of-member.js'
import { givenUp } from '../classic/late-members.js'
import { removeMember } from '../classic/members.js'
import { electProtocol, metadataOf } from '../classic/voting.js'
import type { Member } from '../group.js'
import { decodeSubscription, encodeAssignment } from '../subscription.js'
import { storyMember, type Turn } from '../turn.js'
import { rememberFenced } from './fenced-members.js'
import type { RunningReset } from './running-reset.js'

/** Members of it give up in two steps, and only then join without anything. All others that keep something do so for good. */
const cooperative = 'cooperative-sticky'

/**
 * What comes after a join phase of a group whose offsets are reset (operators.md §4.2, 3): a generation in which nobody gets anything,
 * because some have kept what they had; or the turning point, for which those are put out who still keep something.
 */
export function stepAfterJoining(turn: Turn, reset: RunningReset): 'drain' | 'turn' {
  const { group } = turn
  const protocol = electProtocol(group)
  // A static member that did not join stays as a rule; here it has handed over nothing.
  putOutAbsent(turn, reset)
  const keeping = [...group.members.values()].filter((member) => keepsPartitions(member, protocol))
  const mayDrain = protocol === cooperative && reset.stage !== 'drained' && !reset.isOver
  if (keeping.length > 0 && mayDrain) return 'drain'
  for (const member of keeping) putOut(turn, reset, member)
  return 'turn'
}

/** Those that did not join. */
export function putOutAbsent(turn: Turn, reset: RunningReset): void {
  for (const member of [...turn.group.members.values()]) if (!member.parkedJoin) putOut(turn, reset, member)
}

/** It is no member any more, and whatever it commits is refused: it joins as a new one. */
function putOut(turn: Turn, reset: RunningReset, member: Member): void {
  const late = member.parkedJoin ? [] : givenUp(turn, member, 'offsets reset')
  removeMember(turn, member)
  rememberFenced(turn, member)
  reset.fenced.push(storyMember(member))
  turn.note('removed', { cause: 'offsets reset', member, facts: { late, last: lastOf(member) } })
}

/** What members get in a generation in which they are to give all up. */
export function nothingForAll({ group }: Turn): Map<string, Buffer> {
  const nothing = encodeAssignment({}, 0)
  return new Map(Array.from(group.members.keys(), (memberId) => [memberId, nothing]))
}

/** Whether it says so in its JoinGroup; where that cannot be read, nobody knows. */
function keepsPartitions(member: Member, protocol: string | null): boolean {
  try {
    return decodeSubscription(metadataOf(member, protocol)).ownedPartitions.some(
      ({ partitions }) => partitions.length > 0,
    )
  } catch {
    return true
  }
}
