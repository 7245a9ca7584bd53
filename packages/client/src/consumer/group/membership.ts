import type { RebalanceProtocol } from '@rivven/groups'
import { ErrorCode } from '@rivven/protocol'
import type { OffsetToCommit } from '../../admin/group-offsets.js'
import { asRivvenError, type RivvenError } from '../../errors.js'
import type { Cluster } from '../../net/cluster.js'
import type { ClusterImage } from '../../net/cluster-image.js'
import type { GroupIdentity, GroupRequests } from '../../net/group-requests.js'
import { overdueReason } from '../heartbeats/poll-deadline.js'
import { VitalSigns } from '../heartbeats/vital-signs.js'
import type { Committer } from '../offsets/commits.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { Bell } from '../state/bell.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import type { TopicWatch } from '../state/topic-watch.js'
import type { Troubles } from '../state/troubles.js'
import { awaitedMembers } from './awaited-members.js'
import { checkCommitRights } from './commit-rights.js'
import { hasUnownedPartitions } from './group-cover.js'
import { Handover, partitionsOf } from './handover.js'
import { type JoinEnd, JoinLoop } from './join-loop.js'
import { LeftOvers } from './left-overs.js'
import type { MembershipState } from './member.js'
import { Ownership } from './ownership.js'
import type { ListenerCalls } from './rebalance-listener.js'
import { Standing } from './standing.js'
import { type GroupWaiting, WaitWatch } from './wait-watch.js'

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
export class Membership implements Omit<Committer, 'settled'> {
  readonly #parts: MembershipParts
  readonly #standing: Standing
  readonly #ownership: Ownership
  readonly #handover: Handover
  readonly #leftOvers: LeftOvers
  readonly #joinLoop: JoinLoop
  readonly #vitalSigns: VitalSigns
  readonly #waits: WaitWatch
  #attempt: AbortController | null = null

  constructor(parts: MembershipParts) {
    const { cluster, settings, subscription, listener, requests, bell } = parts
    const { groupId } = requests
    this.#parts = parts
    const standing = new Standing({
      groupId,
      groupInstanceId: settings.groupInstanceId,
      onLost: () => this.#generationLost(),
      onFailed: () => this.#failed(),
      wakePoll: () => bell.ring(),
    })
    const { member } = standing
    this.#standing = standing
    this.#ownership = new Ownership(subscription, listener)
    this.#handover = new Handover({
      clock: cluster.runtime.clock,
      commitTimeoutMs: settings.maxPollIntervalMs,
      subscription,
      ownership: this.#ownership,
      member,
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
      member,
      onStep: (state) => {
        standing.step(state)
        this.#waits.start()
      },
    })
    this.#waits = new WaitWatch({
      groupId,
      clock: cluster.runtime.clock,
      random: cluster.runtime.random,
      logger: settings.logger,
      ask: () => awaitedMembers(cluster, groupId, member.memberId),
    })
    this.#vitalSigns = new VitalSigns({
      cluster,
      settings,
      groupId,
      onRefused: (errorCode, beating) => standing.beatRefused(errorCode, beating),
      onGivenUp: (beating) => beating.generationId === member.generationId && this.#givenUp(),
      onPollOverdue: () => void this.#pollOverdue(),
    })
  }

  get state(): MembershipState {
    return this.#standing.state
  }

  get memberId(): string {
    return this.#standing.member.memberId
  }

  get generationId(): number {
    return this.#standing.member.generationId
  }

  get isLeader(): boolean {
    return this.#joinLoop.isLeader
  }

  /** How this member takes part: that of the last assignment. */
  get protocol(): RebalanceProtocol {
    return this.#standing.member.protocol
  }

  /** Kafka's name of the assignor of the last assignment. */
  get assignor(): string | null {
    return this.#standing.member.lastAssigned?.assignor.name ?? null
  }

  /** When the coordinator was last heard of, and the application in poll, in milliseconds before `now`. */
  ages(now: number): { heartbeatMs: number; pollMs: number } {
    return this.#vitalSigns.ages(now)
  }

  /** Whom it waits for, when joining takes long. */
  waiting(now: number): GroupWaiting | null {
    return this.#waits.waiting(now)
  }

  /** Whether poll has to do something about membership before it returns records. */
  get needsPoll(): boolean {
    return this.#standing.needsPoll || this.#vitalSigns.isOverdue
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
    return this.protocol
  }

  /** Asks for a rebalance; joining takes place in the next polls. */
  requestRejoin(reason: string): void {
    this.#standing.requestRejoin(reason)
  }

  /** Does within poll what poll has to do. Throws what keeps this member from working, and what listeners threw. */
  async advance(deadline: number): Promise<void> {
    const standing = this.#standing
    standing.throwFailure()
    if (standing.state === 'assigned') await this.#takeAssignment()
    if (standing.mayRejoin) standing.state = 'revoking'
    if (standing.state === 'revoking') {
      standing.cause = standing.rejoin ?? standing.cause
      const isFree = await this.#handover.giveUp(deadline, () => standing.info)
      if (isFree && standing.failure === null) this.#startJoining()
    }
    // A commit on the way may have told that another has its place: to join or to read would throw that one out.
    standing.throwFailure()
    this.#parts.listener.throwError()
  }

  /** New metadata: a pattern may match other topics, a leader may have other partitions to assign. */
  imageChanged(image: ClusterImage): void {
    const topics = [...image.topics.values()].filter((topic) => topic.errorCode === ErrorCode.NONE && !topic.isInternal)
    if (this.#parts.subscription.matchTopics(topics.map(({ name }) => name)))
      this.requestRejoin('topics that match the pattern changed')
    if (this.state === 'stable' && this.#joinLoop.hasOtherPartitions(image))
      this.requestRejoin('partitions of the subscribed topics changed')
  }

  claimFor(offsets: readonly OffsetToCommit[]): () => GroupIdentity {
    const { requests, subscription } = this.#parts
    const owned = new Map(offsets.map((offset) => [offset, subscription.of(offset.topic, offset.partition)]))
    return () => {
      const { member, state, cause, identity } = this.#current
      const owns = (offset: OffsetToCommit) => owned.get(offset)?.isAssigned === true
      checkCommitRights(offsets, { groupId: requests.groupId, member, state, cause, owns })
      return identity
    }
  }

  /**
   * As whom what is owned is committed with a transaction: in the generation that assigned it, also while another one is
   * being made, so that the coordinator refuses what it may have given to others. null: it is owned no more.
   */
  get claim(): GroupIdentity | null {
    return this.#current.claim
  }

  /** The error of a refused commit as it is understood; null: it says nothing of the present membership. */
  refused(errorCode: number, identity: GroupIdentity): number | null {
    return this.#standing.refused(errorCode, identity)
  }

  /**
   * Ends membership: listener, LeaveGroup (not for static members, which are expected back), no more heartbeats. The
   * application's partitions are gone afterwards.
   */
  async leave(reason: string, timeoutMs: number): Promise<void> {
    const standing = this.#standing
    const isValid = this.generationId >= 0 && (standing.state === 'stable' || standing.state === 'revoking')
    const { partitions } = this.#ownership
    standing.cause = reason
    if (isValid && partitions.length > 0) await this.#ownership.revoke(partitions, standing.info)
    else await this.#ownership.lose(standing.info)
    try {
      await this.#leaveGroup(reason, timeoutMs)
    } finally {
      standing.rejoin = null
      if (standing.state !== 'failed') standing.state = 'unjoined'
    }
  }

  /** Stops everything at once, without a word to anybody. */
  stop(): void {
    this.#attempt?.abort()
    this.#vitalSigns.stop()
    this.#leftOvers.stop()
    this.#waits.stop()
  }

  /** Where it stands, once what the heartbeats' thread found out is known here. */
  get #current(): Standing {
    if (this.#vitalSigns.isOverdue) this.#givenUp()
    return this.#standing
  }

  #startJoining(): void {
    const attempt = new AbortController()
    // Two at once would fence each other.
    this.#attempt?.abort()
    this.#attempt = attempt
    this.#leftOvers.stop()
    this.#vitalSigns.join()
    void this.#joinLoop.run(this.#standing.cause, attempt.signal).then((end) => this.#joinEnded(end))
  }

  #joinEnded(end: JoinEnd): void {
    const { troubles, bell } = this.#parts
    const standing = this.#standing
    if (end.kind === 'aborted') return
    this.#waits.stop()
    troubles.isWell('join')
    if (end.kind === 'joined') {
      standing.joined = end.joined
      standing.state = 'assigned'
      const { memberId, generationId } = standing.member
      this.#vitalSigns.start({ memberId, generationId })
    } else {
      // Poll tells the application what it lost, or throws the reason; then it tries again.
      standing.state = 'unjoined'
      standing.rejoin ??= end.kind === 'lost' ? standing.member.lossReason : standing.cause
      if (end.kind === 'failed') this.#joinFailed(end.error)
    }
    bell.ring()
  }

  #joinFailed(error: RivvenError): void {
    if (error.fatal) this.#standing.fail(error)
    else this.#parts.troubles.report(error)
  }

  async #takeAssignment(): Promise<void> {
    const { subscription, watch } = this.#parts
    const standing = this.#standing
    const { joined } = standing
    if (!joined) return
    standing.joined = null
    standing.state = 'stable'
    if (partitionsOf(joined.assignment).some(({ topic }) => !subscription.isInteresting(topic))) {
      this.requestRejoin('the assignment has topics that are not subscribed (any more)')
      return
    }
    const count = await this.#handover.take(joined, () => standing.info)
    if (this.generationId < 0) return
    if (count === 0) this.#vitalSigns.probe()
    if (this.#joinLoop.hasLeftOvers) this.#leftOvers.expectRebalance()
    watch.update()
  }

  /** The heartbeats found poll overdue, perhaps while the application kept this thread busy, and have left the group. */
  #givenUp(): void {
    const { maxPollIntervalMs, groupInstanceId } = this.#parts.settings
    if (this.generationId < 0) return
    this.#vitalSigns.stopWatchingPoll()
    const reason = overdueReason(maxPollIntervalMs)
    if (groupInstanceId === null) this.#standing.loseMembership(reason)
    else this.#standing.loseGeneration(reason)
  }

  /** The member is alive, but its application is not: others shall have its partitions. */
  async #pollOverdue(): Promise<void> {
    const { settings, troubles, cluster } = this.#parts
    const reason = overdueReason(settings.maxPollIntervalMs)
    const startedAt = cluster.runtime.clock.monotonic()
    this.#attempt?.abort()
    this.#standing.loseGeneration(reason)
    try {
      await this.#leaveGroup(reason, settings.sessionTimeoutMs)
    } catch (error) {
      troubles.failed('join', asRivvenError(error, 'Leaving the group'), startedAt)
    }
  }

  #generationLost(): void {
    this.#vitalSigns.pause()
    this.#leftOvers.stop()
  }

  #failed(): void {
    this.#ownership.hold(this.#ownership.partitions)
    this.stop()
  }

  /** A static member keeps its id as well: without a LeaveGroup a blind join would fence itself (§7, 27 and 28). */
  async #leaveGroup(reason: string, timeoutMs: number): Promise<void> {
    const { groupInstanceId } = this.#parts.settings
    const { member } = this.#standing
    const { memberId } = member
    this.stop()
    member.generationId = -1
    member.lossReason = groupInstanceId === null ? reason : `it stopped: ${reason}`
    if (groupInstanceId !== null) return
    member.memberId = ''
    await this.#joinLoop.leave(memberId, reason, timeoutMs)
  }
}
