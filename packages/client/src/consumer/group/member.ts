import type { Assignment, Assignor, RebalanceProtocol, TopicPartitions } from '@rivven/groups'

/**
 * Where a member stands (classic-groups §5.3). What ends each state:
 * `unjoined` a poll; `revoking` (gives up partitions, commits) its listener; `joining` JoinGroup's answer, when all
 * members have joined; `syncing` SyncGroup's answer, when the leader has assigned; `assigned` the next poll, which takes
 * the assignment; `stable` a rebalance or loss of membership; `failed` nothing: every poll throws the reason.
 */
export type MembershipState = 'unjoined' | 'revoking' | 'joining' | 'syncing' | 'assigned' | 'stable' | 'failed'

/** What a member knows of its membership. Owned by Membership, which hands it to its parts. */
export interface Member {
  /** Given by the coordinator; '' before, and after it was given up. */
  memberId: string
  /** -1: in no generation. */
  generationId: number
  /** The generation in which the owned partitions were assigned: a member may miss a round (classic-groups §5.6). */
  ownedGeneration: number
  /** Of the last assignment taken: what is given up before the next JoinGroup. */
  protocol: RebalanceProtocol
  /** The last assignment taken, for assignors that want to see it again. */
  lastAssigned: { readonly assignor: Assignor; readonly partitions: readonly TopicPartitions[] } | null
  /** Why the last generation was lost. */
  lossReason: string
  /**
   * Of a static member: JoinGroups without member id that got no answer. Each may still reach the coordinator, as late as
   * it likes, and take the place of this member for nobody.
   */
  lostJoins: number
  /** False from a JoinGroup that gave a new id until SyncGroup: a coordinator that ends in between knows only the old one. */
  isKnownForGood: boolean
}

export function newMember(): Member {
  return {
    memberId: '',
    generationId: -1,
    ownedGeneration: -1,
    protocol: 'eager',
    lastAssigned: null,
    lossReason: 'it has not joined yet',
    lostJoins: 0,
    isKnownForGood: true,
  }
}

/** Whether nobody else may have taken the place, once for each reason to think so: it joins again then. */
export function maybeFencedByItself(member: Member): boolean {
  if (!member.isKnownForGood) {
    member.isKnownForGood = true
    return true
  }
  if (member.lostJoins === 0) return false
  member.lostJoins--
  return true
}

/** A generation that was joined, with the assignment that poll has yet to take. */
export interface Joined {
  readonly generationId: number
  readonly assignor: Assignor
  readonly assignment: Assignment
}
