import type { RivvenError } from '@rivven/link'
import type { OffsetToCommit } from '../../admin/group-offsets.js'
import { type GroupIdentity, noMember } from '../../net/group-requests.js'

/** Whoever commits: says as whom, and learns what the coordinator says about its membership. */
export interface Committer {
  /** Asked when a commit is made: what was lost since, though it may have come back, is not committed. */
  claimFor(offsets: readonly OffsetToCommit[]): CommitClaim
  /** The coordinator refused: 22, 25, 27, 82; what it means for the present membership, null where that is another by now. `reason`: what a broker of Rivven says besides. */
  refused(errorCode: number, identity: GroupIdentity, reason: string | null): number | null
  /** These need no commit any more: they are committed, or their topic is gone. */
  settled(offsets: readonly OffsetToCommit[]): void
}

/** What may be committed, asked before each try. */
export interface CommitClaim {
  /** null: between two generations that cannot be said. */
  permit(offsets: readonly OffsetToCommit[]): CommitPermit | null
  /** Resolves when the answer may be another. */
  changed(): Promise<void>
}

export interface CommitPermit {
  readonly identity: GroupIdentity
  /** JoinGroup is on its way: the coordinator answers nothing on that connection until the group has joined. */
  readonly isJoining: boolean
  /** Those that can be committed. */
  readonly offsets: readonly OffsetToCommit[]
  /** Why the others cannot; null: there are none. */
  readonly refusal: RivvenError | null
}

/** Of partitions that no group shares: anybody may commit them. */
export const unsharedClaim: CommitClaim = {
  permit: (offsets) => ({ identity: noMember, isJoining: false, offsets, refusal: null }),
  changed: () => new Promise(() => undefined),
}
