import type { RivvenError } from '@rivven/link'
import { ErrorCode } from '@rivven/protocol'
import type { GroupIdentity } from '../../net/group-requests.js'
import type { BeatingMember, BeatRefusal } from '../heartbeats/heartbeat-messages.js'
import { fencedMember } from './join-requests.js'
import { type Joined, type MembershipState, maybeFencedByItself, newMember } from './member.js'
import type { RebalanceInfo } from './rebalance-listener.js'

export interface StandingParts {
  readonly groupId: string
  readonly groupInstanceId: string | null
  /** It is out of its generation; the next poll tells the application and joins again. */
  onLost(): void
  /** It is over for good. */
  onFailed(): void
  /** Poll has something to do. */
  wakePoll(): void
}

/** Where a member stands in its group, why it has to join again, and what refusals of its coordinator make of it. */
export class Standing {
  readonly member = newMember()
  readonly #parts: StandingParts
  #state: MembershipState = 'unjoined'
  #changed: Promise<void> | null = null
  #tellChanged: (() => void) | null = null
  /** Why to join (again); null: no need. */
  rejoin: string | null = null
  /** Of the present rebalance. */
  cause = 'first join'
  /** What poll has yet to take. */
  joined: Joined | null = null
  failure: RivvenError | null = null

  constructor(parts: StandingParts) {
    this.#parts = parts
  }

  get state(): MembershipState {
    return this.#state
  }

  set state(state: MembershipState) {
    this.#state = state
    this.#tellChanged?.()
    this.#changed = null
    this.#tellChanged = null
  }

  /** Resolves with the next step to another state. */
  changed(): Promise<void> {
    this.#changed ??= new Promise((resolve) => {
      this.#tellChanged = resolve
    })
    return this.#changed
  }

  get isJoining(): boolean {
    return this.state === 'joining' || this.state === 'syncing'
  }

  /** Whether poll has to do something about membership before it returns records. */
  get needsPoll(): boolean {
    const waitsForPoll = this.state === 'failed' || this.state === 'assigned' || this.state === 'revoking'
    return waitsForPoll || this.mayRejoin
  }

  /** Whether there is a reason to join (again), and nothing in its way. */
  get mayRejoin(): boolean {
    return this.rejoin !== null && (this.state === 'unjoined' || this.state === 'stable')
  }

  get info(): RebalanceInfo {
    const { generationId: generation, protocol } = this.member
    return { generation, protocol, cause: this.cause }
  }

  get identity(): GroupIdentity {
    const { generationId, memberId } = this.member
    return { generationId, memberId, groupInstanceId: this.#parts.groupInstanceId }
  }

  /** As whom owned partitions are committed: in the generation that assigned them. null: they are owned no more. */
  get claim(): GroupIdentity | null {
    const { generationId, ownedGeneration, memberId } = this.member
    if (generationId < 0 || ownedGeneration < 0) return null
    return { generationId: ownedGeneration, memberId, groupInstanceId: this.#parts.groupInstanceId }
  }

  /** Asks for a rebalance; joining takes place in the next polls. */
  requestRejoin(reason: string): void {
    this.rejoin ??= reason
    this.#parts.wakePoll()
  }

  /** What asks for a rebalance before JoinGroup is sent is satisfied by it; what comes later asks for another one. */
  step(state: 'joining' | 'syncing'): void {
    this.state = state
    if (state === 'joining') this.rejoin = null
  }

  /**
   * A refusal of what was sent before the last rebalance must not cost the present membership (§7, 15): null. Else the error
   * as it is understood. `reason`: what the coordinator says besides, to clients of Rivven.
   */
  refused(errorCode: number, identity: GroupIdentity, reason: string | null = null): number | null {
    const { generationId, memberId } = this.member
    if (identity.generationId !== generationId || identity.memberId !== memberId) return null
    // The answer to the JoinGroup or SyncGroup on its way tells the same, and what to do next.
    if (this.isJoining) return null
    switch (errorCode) {
      case ErrorCode.REBALANCE_IN_PROGRESS:
        this.requestRejoin(reason ?? 'the group is rebalancing')
        break
      case ErrorCode.ILLEGAL_GENERATION:
        // Only the generation is stale: a new id would make the group wait for the old one (§7, 16).
        this.loseGeneration('the group went on to another generation without it')
        break
      case ErrorCode.UNKNOWN_MEMBER_ID:
        this.loseMembership(reason ?? 'the group gave it up')
        break
      case ErrorCode.FENCED_INSTANCE_ID:
        if (maybeFencedByItself(this.member)) return this.refused(ErrorCode.UNKNOWN_MEMBER_ID, identity, reason)
        this.loseMembership('another member took its groupInstanceId')
        this.fail(fencedMember(this.#parts.groupId, this.#parts.groupInstanceId))
        break
    }
    return errorCode
  }

  /** A rebalance that this member is on its way into already is no news. */
  beatRefused({ errorCode, reason }: BeatRefusal, { generationId, memberId }: BeatingMember): void {
    const isNews = this.state === 'stable' || this.state === 'assigned'
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS && !isNews) return
    this.refused(errorCode, { generationId, memberId, groupInstanceId: this.#parts.groupInstanceId }, reason)
  }

  /** Out of the group: its id is worth nothing any more. */
  loseMembership(reason: string): void {
    this.member.memberId = ''
    this.loseGeneration(reason)
  }

  /** Out of the generation; the next poll tells the application and joins again. */
  loseGeneration(reason: string): void {
    this.member.generationId = -1
    this.member.lossReason = reason
    this.joined = null
    this.rejoin ??= reason
    if (this.state !== 'revoking' && this.state !== 'failed') this.state = 'unjoined'
    this.#parts.onLost()
    this.#parts.wakePoll()
  }

  throwFailure(): void {
    if (this.failure) throw this.failure
  }

  /** No poll can mend it: each throws this. */
  fail(error: RivvenError): void {
    this.state = 'failed'
    this.failure = error
    this.#parts.onFailed()
    this.#parts.wakePoll()
  }
}
