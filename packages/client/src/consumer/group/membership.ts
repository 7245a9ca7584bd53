import type { RebalanceProtocol } from '@rivven/groups'
import { ErrorCode } from '@rivven/protocol'
import type { OffsetToCommit } from '../../admin/group-offsets.js'
import { asRivvenError, type RivvenError } from '../../errors.js'
import type { Cluster } from '../../net/cluster.js'
import type { ClusterImage } from '../../net/cluster-image.js'
import type { GroupIdentity, GroupRequests } from '../../net/group-requests.js'
import type { BeatingMember } from '../heartbeats/heartbeat-messages.js'
import { overdueReason } from '../heartbeats/poll-deadline.js'
import { VitalSigns } from '../heartbeats/vital-signs.js'
import type { Committer } from '../offsets/commits.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { Bell } from '../state/bell.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import type { TopicWatch } from '../state/topic-watch.js'
import type { Troubles } from '../state/troubles.js'
import { checkCommitRights } from './commit-rights.js'
import { hasUnownedPartitions } from './group-cover.js'
import { Handover, partitionsOf } from './handover.js'
import { type JoinEnd, JoinLoop } from './join-loop.js'
import { fencedMember } from './join-requests.js'
import { LeftOvers } from './left-overs.js'
import { type Joined, type MembershipState, maybeFencedByItself, newMember } from './member.js'
import { Ownership } from './ownership.js'
import type { ListenerCalls, RebalanceInfo } from './rebalance-listener.js'

export interface MembershipParts {
  cluster: Cluster
  settings: ConsumerSettings
  requests: GroupRequests
  subscription: SubscriptionState
  watch: TopicWatch
  troubles: Troubles
  bell: Bell
  listener: ListenerCalls
  /** Commits what was proved handled, before partitions are given up; never rejects. */
  commitHandled(timeoutMs: number): Promise<void>
}

/**
 * Membership in a group. The exchange with the coordinator (JoinLoop, Heartbeats) goes on by itself; whatever changes
 * what the application owns, and calls its listener, happens within `advance`, so within poll.
 */
export class Membership implements Committer {
  readonly #parts: MembershipParts
  readonly #member = newMember()
  readonly #ownership: Ownership
  readonly #handover: Handover
  readonly #leftOvers: LeftOvers
  readonly #joinLoop: JoinLoop
  readonly #vitalSigns: VitalSigns
  #state: MembershipState = 'unjoined'
  /** Why to join (again); null: no need. */
  #rejoin: string | null = null
  /** Of the present rebalance. */
  #cause = 'first join'
  #joined: Joined | null = null
  #attempt: AbortController | null = null
  #failure: RivvenError | null = null

  constructor(parts: MembershipParts) {
    const { cluster, settings, subscription, listener, requests } = parts
    this.#parts = parts
    this.#ownership = new Ownership(subscription, listener)
    this.#handover = new Handover({
      clock: cluster.runtime.clock,
      commitTimeoutMs: settings.maxPollIntervalMs,
      subscription,
      ownership: this.#ownership,
      member: this.#member,
      commitHandled: parts.commitHandled,
      requestRejoin: (reason) => this.requestRejoin(reason),
    })
    this.#leftOvers = new LeftOvers({
      clock: cluster.runtime.clock,
      patienceMs: settings.sessionTimeoutMs,
      look: () => hasUnownedPartitions(requests, cluster.image),
      remind: () => this.requestRejoin('partitions that were to be given up are still without owner'),
    })
    this.#joinLoop = new JoinLoop({
      ...parts,
      ownership: this.#ownership,
      member: this.#member,
      onStep: (state) => this.#step(state),
    })
    this.#vitalSigns = new VitalSigns({
      cluster,
      settings,
      groupId: requests.groupId,
      onRefused: (errorCode, member) => this.#beatRefused(errorCode, member),
      onGivenUp: (member) => member.generationId === this.#member.generationId && this.#givenUp(),
      onPollOverdue: () => void this.#pollOverdue(),
    })
  }

  get state(): MembershipState {
    return this.#state
  }

  get memberId(): string {
    return this.#member.memberId
  }

  get generationId(): number {
    return this.#member.generationId
  }

  get isLeader(): boolean {
    return this.#joinLoop.isLeader
  }

  /** How this member takes part: that of the last assignment. */
  get protocol(): RebalanceProtocol {
    return this.#member.protocol
  }

  /** Kafka's name of the assignor of the last assignment. */
  get assignor(): string | null {
    return this.#member.lastAssigned?.assignor.name ?? null
  }

  /** When the coordinator was last heard of, and the application in poll, in milliseconds before `now`. */
  ages(now: number): { heartbeatMs: number; pollMs: number } {
    return this.#vitalSigns.ages(now)
  }

  /** Whether poll has to do something about membership before it returns records. */
  get needsPoll(): boolean {
    const waitsForPoll = this.#state === 'failed' || this.#state === 'assigned' || this.#state === 'revoking'
    const mayJoin = this.#state === 'unjoined' || this.#state === 'stable'
    return waitsForPoll || (mayJoin && this.#rejoin !== null) || this.#vitalSigns.isOverdue
  }

  enterPoll(): void {
    if (!this.#vitalSigns.enterPoll()) this.#givenUp()
  }

  leavePoll(now: number): void {
    this.#vitalSigns.leavePoll(now)
  }

  /** The broker hinted at a rebalance: a heartbeat at once tells whether there is one. Returns how this member takes part. */
  hinted(): RebalanceProtocol {
    this.#vitalSigns.beatSoon()
    return this.#member.protocol
  }

  /** Asks for a rebalance; joining takes place in the next polls. */
  requestRejoin(reason: string): void {
    this.#rejoin ??= reason
    this.#parts.bell.ring()
  }

  /** Does within poll what poll has to do. Throws what keeps this member from working, and what listeners threw. */
  async advance(deadline: number): Promise<void> {
    if (this.#failure) throw this.#failure
    if (this.#state === 'assigned') await this.#takeAssignment()
    if (this.#rejoin !== null && (this.#state === 'stable' || this.#state === 'unjoined')) this.#state = 'revoking'
    if (this.#state === 'revoking') {
      this.#cause = this.#rejoin ?? this.#cause
      const isFree = await this.#handover.giveUp(deadline, () => this.#info())
      // The last commit may have told that another has its place: joining would throw that one out.
      if (this.#failure) throw this.#failure
      if (isFree) this.#startJoining()
    }
    this.#parts.listener.throwError()
  }

  /** New metadata: a pattern may match other topics, a leader may have other partitions to assign. */
  imageChanged(image: ClusterImage): void {
    const topics = [...image.topics.values()].filter((topic) => topic.errorCode === ErrorCode.NONE && !topic.isInternal)
    if (this.#parts.subscription.matchTopics(topics.map(({ name }) => name)))
      this.requestRejoin('topics that match the pattern changed')
    if (this.#state === 'stable' && this.#joinLoop.hasOtherPartitions(image))
      this.requestRejoin('partitions of the subscribed topics changed')
  }

  identity(offsets: readonly OffsetToCommit[]): GroupIdentity {
    const { requests, subscription, settings } = this.#parts
    if (this.#vitalSigns.isOverdue) this.#givenUp()
    checkCommitRights(offsets, {
      groupId: requests.groupId,
      member: this.#member,
      state: this.#state,
      cause: this.#cause,
      owns: ({ topic, partition }) => subscription.of(topic, partition) !== undefined,
    })
    const { generationId, memberId } = this.#member
    return { generationId, memberId, groupInstanceId: settings.groupInstanceId }
  }

  /**
   * As whom what is owned is committed with a transaction: in the generation that assigned it, also while another one is
   * being made, so that the coordinator refuses what it may have given to others. null: it is owned no more.
   */
  get claim(): GroupIdentity | null {
    if (this.#vitalSigns.isOverdue) this.#givenUp()
    const { generationId, ownedGeneration, memberId } = this.#member
    if (generationId < 0 || ownedGeneration < 0) return null
    return { generationId: ownedGeneration, memberId, groupInstanceId: this.#parts.settings.groupInstanceId }
  }

  /**
   * A refusal of what was sent before the last rebalance must not cost the present membership (§7, 15): null. Else the error
   * as it is understood.
   */
  refused(errorCode: number, identity: GroupIdentity): number | null {
    const { generationId, memberId } = this.#member
    if (identity.generationId !== generationId || identity.memberId !== memberId) return null
    // The answer to the JoinGroup or SyncGroup on its way tells the same, and what to do next.
    if (this.#state === 'joining' || this.#state === 'syncing') return null
    switch (errorCode) {
      case ErrorCode.REBALANCE_IN_PROGRESS:
        this.requestRejoin('the group is rebalancing')
        break
      case ErrorCode.ILLEGAL_GENERATION:
        // Only the generation is stale: a new id would make the group wait for the old one (§7, 16).
        this.#loseGeneration('the group went on to another generation without it')
        break
      case ErrorCode.UNKNOWN_MEMBER_ID:
        this.#member.memberId = ''
        this.#loseGeneration('the group gave it up')
        break
      case ErrorCode.FENCED_INSTANCE_ID:
        if (maybeFencedByItself(this.#member)) return this.refused(ErrorCode.UNKNOWN_MEMBER_ID, identity)
        this.#member.memberId = ''
        this.#loseGeneration('another member took its groupInstanceId')
        this.#fail(fencedMember(this.#parts.requests.groupId, this.#parts.settings.groupInstanceId))
        break
    }
    return errorCode
  }

  /**
   * Ends membership: listener, LeaveGroup (not for static members, which are expected back), no more heartbeats. The
   * application's partitions are gone afterwards.
   */
  async leave(reason: string, timeoutMs: number): Promise<void> {
    const isValid = this.#member.generationId >= 0 && (this.#state === 'stable' || this.#state === 'revoking')
    const { partitions } = this.#ownership
    this.#cause = reason
    if (isValid && partitions.length > 0) await this.#ownership.revoke(partitions, this.#info())
    else await this.#ownership.lose(this.#info())
    try {
      await this.#leaveGroup(reason, timeoutMs)
    } finally {
      this.#rejoin = null
      if (this.#state !== 'failed') this.#state = 'unjoined'
    }
  }

  /** Stops everything at once, without a word to anybody. */
  stop(): void {
    this.#attempt?.abort()
    this.#vitalSigns.stop()
    this.#leftOvers.stop()
  }

  #startJoining(): void {
    const attempt = new AbortController()
    // Two at once would fence each other.
    this.#attempt?.abort()
    this.#attempt = attempt
    this.#leftOvers.stop()
    this.#vitalSigns.join()
    void this.#joinLoop.run(this.#cause, attempt.signal).then((end) => this.#joinEnded(end))
  }

  /** What asks for a rebalance before JoinGroup is sent is satisfied by it; what comes later asks for another one. */
  #step(state: 'joining' | 'syncing'): void {
    this.#state = state
    if (state === 'joining') this.#rejoin = null
  }

  #joinEnded(end: JoinEnd): void {
    const { troubles, bell } = this.#parts
    if (end.kind === 'aborted') return
    troubles.isWell('join')
    if (end.kind === 'joined') {
      this.#joined = end.joined
      this.#state = 'assigned'
      const { memberId, generationId } = this.#member
      this.#vitalSigns.start({ memberId, generationId })
    } else {
      // Poll tells the application what it lost, or throws the reason; then it tries again.
      this.#state = 'unjoined'
      this.#rejoin ??= end.kind === 'lost' ? this.#member.lossReason : this.#cause
      if (end.kind === 'failed') this.#joinFailed(end.error)
    }
    bell.ring()
  }

  #joinFailed(error: RivvenError): void {
    if (error.fatal) this.#fail(error)
    else this.#parts.troubles.report(error)
  }

  async #takeAssignment(): Promise<void> {
    const { subscription, watch } = this.#parts
    const joined = this.#joined
    if (!joined) return
    this.#joined = null
    this.#state = 'stable'
    if (partitionsOf(joined.assignment).some(({ topic }) => !subscription.isInteresting(topic))) {
      this.requestRejoin('the assignment has topics that are not subscribed (any more)')
      return
    }
    const count = await this.#handover.take(joined, () => this.#info())
    if (count === 0) this.#vitalSigns.probe()
    if (this.#joinLoop.hasLeftOvers) this.#leftOvers.expectRebalance()
    watch.update()
  }

  /** A rebalance that this member is on its way into already is no news. */
  #beatRefused(errorCode: number, member: BeatingMember): void {
    const isNews = this.#state === 'stable' || this.#state === 'assigned'
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS && !isNews) return
    this.refused(errorCode, { ...member, groupInstanceId: this.#parts.settings.groupInstanceId })
  }

  /** The heartbeats found poll overdue, perhaps while the application kept this thread busy, and have left the group. */
  #givenUp(): void {
    const { maxPollIntervalMs, groupInstanceId } = this.#parts.settings
    if (this.#member.generationId < 0) return
    this.#vitalSigns.stopWatchingPoll()
    if (groupInstanceId === null) this.#member.memberId = ''
    this.#loseGeneration(overdueReason(maxPollIntervalMs))
  }

  /** The member is alive, but its application is not: others shall have its partitions. */
  async #pollOverdue(): Promise<void> {
    const { settings, troubles, cluster } = this.#parts
    const reason = overdueReason(settings.maxPollIntervalMs)
    const startedAt = cluster.runtime.clock.monotonic()
    this.#attempt?.abort()
    this.#loseGeneration(reason)
    try {
      await this.#leaveGroup(reason, settings.sessionTimeoutMs)
    } catch (error) {
      troubles.failed('join', asRivvenError(error, 'Leaving the group'), startedAt)
    }
  }

  /** Out of the generation; the next poll tells the application and joins again. */
  #loseGeneration(reason: string): void {
    this.#vitalSigns.pause()
    this.#leftOvers.stop()
    this.#member.generationId = -1
    this.#member.lossReason = reason
    this.#joined = null
    this.#rejoin ??= reason
    if (this.#state !== 'revoking' && this.#state !== 'failed') this.#state = 'unjoined'
    this.#parts.bell.ring()
  }

  /** A static member keeps its id as well: without a LeaveGroup a blind join would fence itself (§7, 27 and 28). */
  async #leaveGroup(reason: string, timeoutMs: number): Promise<void> {
    const { groupInstanceId } = this.#parts.settings
    const isMember = this.#member.memberId !== ''
    this.stop()
    this.#member.generationId = -1
    this.#member.lossReason = groupInstanceId === null ? reason : `it stopped: ${reason}`
    if (groupInstanceId !== null || !isMember) return
    const left = this.#joinLoop.leave(reason, timeoutMs)
    this.#member.memberId = ''
    await left
  }

  #fail(error: RivvenError): void {
    this.#state = 'failed'
    this.#failure = error
    this.#ownership.hold(this.#ownership.partitions)
    this.stop()
    this.#parts.bell.ring()
  }

  #info(): RebalanceInfo {
    const { generationId: generation, protocol } = this.#member
    return { generation, protocol, cause: this.#cause }
  }
}
