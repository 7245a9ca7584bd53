import { isDoneBy } from '@rivven/link'
import type { Clock } from '@rivven/runtime'
import type { TopicPartition } from '../../topic-partition.js'
import { protocolOf } from '../options/assignment-strategy.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import { isWithheld } from './leader-assignment.js'
import type { Joined, Member } from './member.js'
import type { Ownership } from './ownership.js'
import type { RebalanceInfo } from './rebalance-listener.js'

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
      const isDone = await isDoneBy(this.#flushing, deadline, clock)
      // Out of the generation meanwhile: what is owned goes now, done or not.
      if (!isDone && member.generationId >= 0) return false
    }
    this.#flushing = null
    const { partitions } = ownership
    const gone = isEager ? partitions : partitions.filter(({ topic }) => !subscription.isInteresting(topic))
    if (member.generationId >= 0 && (isEager || gone.length > 0)) await ownership.revoke(gone, info())
    // Also where that was found out while the listener was at work.
    if (member.generationId < 0) await ownership.lose(info())
    return true
  }

  /**
   * Gives up what the new generation takes away, then owns exactly what it assigns; returns how many that are. Where the
   * generation is lost on the way, all else is left to the next `giveUp`.
   */
  async take({ assignor, generationId, assignment }: Joined, info: () => RebalanceInfo): Promise<number> {
    const { ownership, member } = this.#parts
    const assigned = partitionsOf(assignment)
    member.protocol = protocolOf(assignor)
    if (member.protocol === 'eager') await this.#giveUpAll(isWithheld(assignment), info)
    else await this.#giveUpMoved(ownership.movedBy(assigned), info)
    if (member.generationId < 0) return 0
    member.ownedGeneration = generationId
    member.lastAssigned = { assignor, partitions: assignment.assignedPartitions }
    await ownership.take(assigned, info())
    return assigned.length
  }

  /** Cooperative: a second round hands them over (KIP-429). */
  async #giveUpMoved(moved: readonly TopicPartition[], info: () => RebalanceInfo): Promise<void> {
    if (moved.length === 0) return
    await this.#revoke(moved, info)
    this.#parts.requestRejoin('partitions were given up and can be assigned now')
  }

  /**
   * An eager assignor was elected while this member kept its partitions: the first eager member has come into a cooperative
   * group. If the leader held them back, all are given up in good order, and a second round shares everything. If it did
   * not, others own them by now: committing would take back what they have committed.
   */
  async #giveUpAll(wereWithheld: boolean, info: () => RebalanceInfo): Promise<void> {
    const { ownership, requestRejoin } = this.#parts
    const { partitions } = ownership
    if (partitions.length === 0) return
    if (wereWithheld) await this.#revoke(partitions, info)
    else await ownership.lose(info())
    requestRejoin('the group became eager; what was kept until now can be assigned')
  }

  async #revoke(partitions: readonly TopicPartition[], info: () => RebalanceInfo): Promise<void> {
    const { ownership, member, commitTimeoutMs } = this.#parts
    ownership.hold(partitions)
    await this.#parts.commitHandled(commitTimeoutMs)
    if (member.generationId >= 0) await ownership.revoke(partitions, info())
  }
}

export function partitionsOf({ assignedPartitions }: Joined['assignment']): TopicPartition[] {
  return assignedPartitions.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
}
