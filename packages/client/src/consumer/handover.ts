import type { Clock } from '@rivven/runtime'
import { protocolOf } from './assignment-strategy.js'
import { isDoneBy } from './deadline.js'
import type { Joined, Member } from './member.js'
import type { Ownership } from './ownership.js'
import type { RebalanceInfo } from './rebalance-listener.js'
import type { SubscriptionState } from './subscription-state.js'
import type { TopicPartition } from './topic-partition.js'

export interface HandoverParts {
  clock: Clock
  /** How long commits before giving up may take (max.poll.interval.ms). */
  commitTimeoutMs: number
  subscription: SubscriptionState
  ownership: Ownership
  member: Member
  /** Commits what was proved handled; never rejects. */
  commitHandled(timeoutMs: number): Promise<void>
  requestRejoin(reason: string): void
}

/** What a member gives up and takes over in a rebalance, in an order that leaves no partition with two owners. */
export class Handover {
  readonly #parts: HandoverParts
  #flushing: Promise<void> | null = null

  constructor(parts: HandoverParts) {
    this.#parts = parts
  }

  /**
   * Before joining (§5.4): all partitions where the last generation was eager, else those that are not subscribed to any
   * more. False when the commit goes on after `deadline`; the next poll waits for it then.
   */
  async giveUp(deadline: number, info: () => RebalanceInfo): Promise<boolean> {
    const { subscription, ownership, member, clock, commitTimeoutMs } = this.#parts
    const isEager = member.protocol === 'eager'
    if (isEager) ownership.hold(ownership.partitions)
    if (member.generationId >= 0) {
      this.#flushing ??= this.#parts.commitHandled(commitTimeoutMs)
      if (!(await isDoneBy(this.#flushing, deadline, clock))) return false
    }
    this.#flushing = null
    const { partitions } = ownership
    const gone = isEager ? partitions : partitions.filter(({ topic }) => !subscription.isInteresting(topic))
    if (member.generationId < 0) await ownership.lose(info())
    else if (isEager || gone.length > 0) await ownership.revoke(gone, info())
    return true
  }

  /** Gives up what the new generation takes away, then owns exactly what it assigns. */
  async take({ assignor, generationId, assignment }: Joined, info: () => RebalanceInfo): Promise<number> {
    const { ownership, member } = this.#parts
    const assigned = partitionsOf(assignment)
    member.protocol = protocolOf(assignor)
    const moved = member.protocol === 'eager' ? ownership.partitions : ownership.movedBy(assigned)
    if (moved.length > 0) await this.#giveUpMoved(moved, info)
    member.ownedGeneration = generationId
    member.lastAssigned = { assignor, partitions: assignment.assignedPartitions }
    await ownership.take(assigned, info())
    return assigned.length
  }

  /**
   * Cooperative: a second round hands them over (KIP-429). Partitions that are still owned when an eager assignor was
   * elected (its members came while this one kept its own) are all given up, and a second round shares everything.
   */
  async #giveUpMoved(moved: readonly TopicPartition[], info: () => RebalanceInfo): Promise<void> {
    const { ownership, member, commitTimeoutMs, requestRejoin } = this.#parts
    ownership.hold(moved)
    await this.#parts.commitHandled(commitTimeoutMs)
    await ownership.revoke(moved, info())
    if (member.protocol === 'eager') requestRejoin('the group became eager; what was kept until now can be assigned')
    else requestRejoin('partitions were given up and can be assigned now')
  }
}

export function partitionsOf({ assignedPartitions }: Joined['assignment']): TopicPartition[] {
  return assignedPartitions.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
}
