import type { TopicPartitions } from '../subscription.js'

/** eager: members give up everything before they join. cooperative: they keep what does not move (KIP-429). */
export type RebalanceProtocol = 'eager' | 'cooperative'

/** A topic as the leader's metadata shows it. */
export interface AssignableTopic {
  readonly partitions: number
  /** Racks of the replicas of each partition, by partition number; absent: not known. */
  readonly racks?: readonly (readonly string[])[]
}

/** A member as the leader sees it: from the JoinGroup answer and its decoded subscription. */
export interface AssignableMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly rackId: string | null
  readonly topics: readonly string[]
  readonly ownedPartitions: readonly TopicPartitions[]
  /** Generation of the owned partitions; -1: unknown. */
  readonly generationId: number
  readonly userData: Buffer | null
}

export interface AssignmentInput {
  readonly topics: ReadonlyMap<string, AssignableTopic>
  readonly members: readonly AssignableMember[]
}

/** memberId -> topic -> partitions, ascending. Every member has an entry, if an empty one. */
export type MemberAssignments = Map<string, Map<string, number[]>>

/** Divides the partitions of the subscribed topics among the members. Pure and deterministic. */
export interface Assignor {
  /** Kafka's name of it, as it stands in JoinGroup. */
  readonly name: string
  /** What it supports, the most advanced one last. */
  readonly protocols: readonly RebalanceProtocol[]
  assign(input: AssignmentInput): MemberAssignments
  /** The user data of a member's next subscription; absent: none. */
  userData?(assigned: readonly TopicPartitions[], generationId: number): Buffer
}
