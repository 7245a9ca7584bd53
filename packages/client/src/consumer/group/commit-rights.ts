import type { OffsetToCommit } from '../../admin/group-offsets.js'
import { CommitFailedError, RebalanceInProgressError } from '../../errors.js'
import { partitionsText } from '../../topic-partition.js'
import type { Member, MembershipState } from './member.js'

export interface CommitClaim {
  groupId: string
  member: Member
  state: MembershipState
  /** Why partitions were given up last. */
  cause: string
  /** Since the commit was asked for, without a break. */
  owns(offset: OffsetToCommit): boolean
}

/** Throws unless this member may commit these now: between two generations nobody may, and nobody for what others own. */
export function checkCommitRights(offsets: readonly OffsetToCommit[], claim: CommitClaim): void {
  const { groupId, member, state, cause } = claim
  const { memberId, generationId, lossReason } = member
  const facts = { group: groupId, memberId }
  if (state === 'joining' || state === 'syncing' || state === 'assigned') {
    const text = `Group ${groupId} is rebalancing: ${partitionsText(offsets)} cannot be committed now.`
    throw new RebalanceInProgressError('REBALANCE_IN_PROGRESS', text, { hint: 'Poll until it is over.', facts })
  }
  const foreign = generationId < 0 ? offsets : offsets.filter((offset) => !claim.owns(offset))
  if (generationId >= 0 && foreign.length === 0) return
  const why = generationId < 0 ? lossReason : `they were given up (${cause})`
  const text = `${partitionsText(foreign)} cannot be committed: this member does not own them, ${why}.`
  const hint = 'Go on polling; what was not committed is read again by its owner.'
  throw new CommitFailedError('COMMIT_FAILED', text, { hint, facts })
}
