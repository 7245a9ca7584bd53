import type { OffsetToCommit } from '../../admin/group-offsets.js'
import { CommitFailedError, RebalanceInProgressError } from '../../errors.js'
import type { GroupIdentity } from '../../net/group-requests.js'
import { partitionsText } from '../../topic-partition.js'
import type { Committer } from '../offsets/commits.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import type { Standing } from './standing.js'

export interface CommitRightsParts {
  groupId: string
  subscription: SubscriptionState
  /** Where the member stands, as of now. */
  standing(): Standing
}

/** What a member may commit, and as whom. */
export class CommitRights implements Omit<Committer, 'settled'> {
  readonly #parts: CommitRightsParts

  constructor(parts: CommitRightsParts) {
    this.#parts = parts
  }

  claimFor(offsets: readonly OffsetToCommit[]): () => GroupIdentity {
    const { subscription, standing } = this.#parts
    const owned = new Map(offsets.map((offset) => [offset, subscription.of(offset.topic, offset.partition)]))
    return () => {
      const { identity } = standing()
      // Since the commit was asked for, without a break.
      this.#mustOwn(offsets, (offset) => owned.get(offset)?.isAssigned === true)
      return identity
    }
  }

  /** The error of a refused commit as it is understood; null: it says nothing of the present membership. */
  refused(errorCode: number, identity: GroupIdentity): number | null {
    return this.#parts.standing().refused(errorCode, identity)
  }

  /** Throws unless this member may commit these now: between two generations nobody may, and nobody for what others own. */
  #mustOwn(offsets: readonly OffsetToCommit[], owns: (offset: OffsetToCommit) => boolean): void {
    const { groupId } = this.#parts
    const { member, state, cause } = this.#parts.standing()
    const { memberId, generationId, lossReason } = member
    const facts = { group: groupId, memberId }
    if (state === 'joining' || state === 'syncing' || state === 'assigned') {
      const text = `Group ${groupId} is rebalancing: ${partitionsText(offsets)} cannot be committed now.`
      throw new RebalanceInProgressError('REBALANCE_IN_PROGRESS', text, { hint: 'Poll until it is over.', facts })
    }
    const foreign = generationId < 0 ? offsets : offsets.filter((offset) => !owns(offset))
    if (generationId >= 0 && foreign.length === 0) return
    const why = generationId < 0 ? lossReason : `they were given up (${cause})`
    const text = `${partitionsText(foreign)} cannot be committed: this member does not own them, ${why}.`
    const hint = 'Go on polling; what was not committed is read again by its owner.'
    throw new CommitFailedError('COMMIT_FAILED', text, { hint, facts })
  }
}
