import { asRivvenError } from '@rivven/link'
import type { Clock } from '@rivven/runtime'
import { overdueReason } from '../heartbeats/poll-deadline.js'
import type { VitalSigns } from '../heartbeats/vital-signs.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { Troubles } from '../state/troubles.js'
import type { Joining } from './joining.js'
import type { LeftOvers } from './left-overs.js'
import type { Ownership } from './ownership.js'
import type { Standing } from './standing.js'

export interface DepartureParts {
  clock: Clock
  settings: ConsumerSettings
  troubles: Troubles
  standing: Standing
  ownership: Ownership
  joining: Joining
  leftOvers: LeftOvers
  vitalSigns: VitalSigns
}

/** How membership ends: because it is wanted, because the application does not poll, or because the group says so. */
export class Departure {
  readonly #parts: DepartureParts

  constructor(parts: DepartureParts) {
    this.#parts = parts
  }

  /**
   * Listener, LeaveGroup (not for static members, which are expected back), no more heartbeats. The application's partitions
   * are gone afterwards.
   */
  async leave(reason: string, timeoutMs: number): Promise<void> {
    const { standing, ownership } = this.#parts
    const isMember = standing.member.generationId >= 0
    const isValid = isMember && (standing.state === 'stable' || standing.state === 'revoking')
    const { partitions } = ownership
    standing.cause = reason
    if (isValid && partitions.length > 0) await ownership.revoke(partitions, standing.info)
    else await ownership.lose(standing.info)
    try {
      await this.#leaveGroup(reason, timeoutMs)
    } finally {
      standing.rejoin = null
      if (standing.state !== 'failed') standing.state = 'unjoined'
    }
  }

  /** The heartbeats found poll overdue, perhaps while the application kept this thread busy, and have left the group. */
  givenUp(): void {
    const { settings, standing, vitalSigns } = this.#parts
    if (standing.member.generationId < 0) return
    vitalSigns.stopWatchingPoll()
    const reason = overdueReason(settings.maxPollIntervalMs)
    if (settings.groupInstanceId === null) standing.loseMembership(reason)
    else standing.loseGeneration(reason)
  }

  /** The member is alive, but its application is not: others shall have its partitions. */
  async pollOverdue(): Promise<void> {
    const { settings, troubles, clock, standing, joining } = this.#parts
    const reason = overdueReason(settings.maxPollIntervalMs)
    const startedAt = clock.monotonic()
    joining.abort()
    standing.loseGeneration(reason)
    try {
      await this.#leaveGroup(reason, settings.sessionTimeoutMs)
    } catch (error) {
      troubles.failed('join', asRivvenError(error, 'Leaving the group'), startedAt)
    }
  }

  /** Out of the generation, which the next poll makes good. */
  generationLost(): void {
    this.#parts.vitalSigns.pause()
    this.#parts.leftOvers.stop()
  }

  /** For good. */
  failed(): void {
    const { ownership } = this.#parts
    ownership.hold(ownership.partitions)
    this.stop()
  }

  /** Stops everything at once, without a word to anybody. */
  stop(): void {
    const { standing, joining, vitalSigns, leftOvers } = this.#parts
    joining.stop()
    if (standing.isJoining) standing.state = 'unjoined'
    vitalSigns.stop()
    leftOvers.stop()
  }

  /** A static member keeps its id as well: without a LeaveGroup a blind join would fence itself (§7, 27 and 28). */
  async #leaveGroup(reason: string, timeoutMs: number): Promise<void> {
    const { settings, standing, joining } = this.#parts
    const { groupInstanceId } = settings
    const { member } = standing
    const { memberId } = member
    this.stop()
    member.generationId = -1
    member.lossReason = groupInstanceId === null ? reason : `it stopped: ${reason}`
    if (groupInstanceId !== null) return
    member.memberId = ''
    await joining.leave(memberId, reason, timeoutMs)
  }
}
