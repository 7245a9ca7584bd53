import { CommitFailedError } from '@rivven/link'
import type { OffsetToCommit } from '../../admin/group-offsets.js'
import type { GroupIdentity } from '../../net/group-requests.js'
import { partitionsText } from '../../topic-partition.js'
import type { CommitClaim, CommitPermit, Committer } from '../offsets/commit-claims.js'
import { protocolOf } from '../options/assignment-strategy.js'
import type { PartitionState } from '../state/partition-state.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import { isWithheld } from './leader-assignment.js'
import type { Standing } from './standing.js'

export interface CommitRightsParts {
  groupId: string
  subscription: SubscriptionState
  /** Where the member stands, as of now. */
  standing(): Standing
}

/** The partitions of a commit as they were when it was made; undefined: not owned. */
type Claimed = ReadonlyMap<OffsetToCommit, PartitionState | undefined>

/**
 * What a member may commit, and as whom. What a cooperative member keeps through a rebalance it commits in the generation
 * that it is in: the coordinator takes that until all have joined, and nobody else is given what a member still has. From
 * then until its assignment is there it has to wait; it need not poll for that.
 */
export class CommitRights implements Omit<Committer, 'settled'> {
  readonly #parts: CommitRightsParts

  constructor(parts: CommitRightsParts) {
    this.#parts = parts
  }

  claimFor(offsets: readonly OffsetToCommit[]): CommitClaim {
    const { subscription, standing } = this.#parts
    const claimed = new Map(offsets.map((offset) => [offset, subscription.of(offset.topic, offset.partition)]))
    return { permit: (left) => this.#permit(left, claimed), changed: () => standing().changed() }
  }

  /** The error of a refused commit as it is understood; null: it says nothing of the present membership. */
  refused(errorCode: number, identity: GroupIdentity, reason: string | null): number | null {
    return this.#parts.standing().refused(errorCode, identity, reason)
  }

  #permit(left: readonly OffsetToCommit[], claimed: Claimed): CommitPermit | null {
    const standing = this.#parts.standing()
    const { identity, state } = standing
    const isMember = identity.generationId >= 0 && !isGivenAway(standing)
    // Since the commit was made, without a break.
    const owns = (offset: OffsetToCommit) => isMember && claimed.get(offset)?.isAssigned === true
    const offsets = left.filter(owns)
    const lost = left.filter((offset) => !owns(offset))
    if (offsets.length > 0 && isUndecided(standing, offsets, claimed)) return null
    return { identity, isJoining: state === 'joining', offsets, refusal: lost.length > 0 ? this.#refusal(lost) : null }
  }

  #refusal(lost: readonly OffsetToCommit[]): CommitFailedError {
    const { groupId, standing } = this.#parts
    const { member, cause } = standing()
    const { memberId, generationId, lossReason } = member
    const why = generationId < 0 ? lossReason : `they were given up (${cause})`
    const text = `${partitionsText(lost)} cannot be committed: this member does not own them, ${why}.`
    const hint = 'Go on polling; what was not committed is read again by its owner.'
    return new CommitFailedError('COMMIT_FAILED', text, { hint, facts: { group: groupId, memberId } })
  }
}

/** Whether others have what this member kept: an eager assignor was elected that did not hold it back. Poll has yet to tell. */
function isGivenAway({ joined }: Standing): boolean {
  return joined !== null && protocolOf(joined.assignor) === 'eager' && !isWithheld(joined.assignment)
}

/** Between two generations: the old one is over, or what is held may be another's in one that this member has missed. */
function isUndecided({ state }: Standing, offsets: readonly OffsetToCommit[], claimed: Claimed): boolean {
  return state === 'syncing' || (state === 'joining' && offsets.some((offset) => claimed.get(offset)?.isRevoking))
}
