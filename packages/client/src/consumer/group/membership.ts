import type { RebalanceProtocol } from '@rivven/groups'
import { ErrorCode } from '@rivven/protocol'
import type { OffsetToCommit } from '../../admin/group-offsets.js'
import type { Cluster } from '../../net/cluster.js'
import type { ClusterImage } from '../../net/cluster-image.js'
import type { GroupIdentity, GroupRequests } from '../../net/group-requests.js'
import { VitalSigns } from '../heartbeats/vital-signs.js'
import type { CommitClaim, Committer } from '../offsets/commit-claims.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { Bell } from '../state/bell.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import type { TopicWatch } from '../state/topic-watch.js'
import type { Troubles } from '../state/troubles.js'
import { CommitRights } from './commit-rights.js'
import { Departure } from './departure.js'
import { hasUnownedPartitions } from './group-cover.js'
import { Handover, partitionsOf } from './handover.js'
import { Joining } from './joining.js'
import { LeftOvers } from './left-overs.js'
import type { MembershipState } from './member.js'
import { Ownership } from './ownership.js'
import type { ListenerCalls } from './rebalance-listener.js'
import { RebalanceWatch } from './rebalance-watch.js'
import { Standing } from './standing.js'
import type { GroupWaiting } from './wait-watch.js'

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
 * Membership in a group. The exchange with the coordinator (Joining, Heartbeats) goes on by itself; whatever changes
 * what the application owns, and calls its listener, happens within `advance`, so within poll.
 */
export class Membership implements Omit<Committer, 'settled'> {
  readonly #parts: MembershipParts
  readonly #standing: Standing
  readonly #handover: Handover
  readonly #leftOvers: LeftOvers
  readonly #joining: Joining
  readonly #vitalSigns: VitalSigns
  readonly #departure: Departure
  readonly #rights: CommitRights
  readonly #ownership: Ownership
  readonly #rebalances: RebalanceWatch

  constructor(parts: MembershipParts) {
    const { cluster, settings, subscription, requests, bell, commitHandled } = parts
    const { groupId } = requests
    const { clock } = cluster.runtime
    const standing = new Standing({
      groupId,
      groupInstanceId: settings.groupInstanceId,
      onLost: () => this.#departure.generationLost(),
      onFailed: () => {
        this.#departure.failed()
        this.#rebalances.abandoned(standing.failure)
      },
      wakePoll: () => bell.ring(),
    })
    const { member } = standing
    const requestRejoin = (reason: string) => standing.requestRejoin(reason)
    const who = { clientId: cluster.clientId, groupId }
    const ownership = new Ownership(subscription, parts.listener, who)
    this.#ownership = ownership
    this.#rebalances = new RebalanceWatch(clock, who)
    const commitTimeoutMs = settings.maxPollIntervalMs
    const owning = { clock, commitTimeoutMs, subscription, ownership, member, commitHandled }
    this.#handover = new Handover({ ...owning, requestRejoin })
    const leftOvers = new LeftOvers({
      clock,
      patienceMs: settings.sessionTimeoutMs,
      look: () => hasUnownedPartitions(requests, cluster.image),
      remind: () => requestRejoin('partitions that were to be given up are still without owner'),
    })
    const joining = new Joining({
      ...parts,
      ownership,
      standing,
      onStart: () => {
        leftOvers.stop()
        vitalSigns.join()
      },
      onAdmitted: () => vitalSigns.heard(),
      onJoined: () => vitalSigns.start({ memberId: member.memberId, generationId: member.generationId }),
    })
    const vitalSigns = new VitalSigns({
      cluster,
      settings,
      groupId,
      onRefused: (refusal, beating) => standing.beatRefused(refusal, beating),
      onFailed: (error, beating) => {
        if (beating.generationId !== member.generationId) return
        parts.troubles.report(error)
        bell.ring()
      },
      onGivenUp: (beating) => beating.generationId === member.generationId && this.#departure.givenUp(),
      onPollOverdue: () => void this.#departure.pollOverdue(),
    })
    const leaving = { clock, settings, troubles: parts.troubles, standing, ownership, joining, leftOvers, vitalSigns }
    this.#departure = new Departure(leaving)
    this.#rights = new CommitRights({ groupId, subscription, standing: () => this.#current })
    this.#parts = parts
    this.#standing = standing
    this.#leftOvers = leftOvers
    this.#joining = joining
    this.#vitalSigns = vitalSigns
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
    return this.#joining.isLeader
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
    return this.#joining.waiting(now)
  }

  /** How many rebalances this member went through, and how long they took together. */
  get rebalances(): { count: number; totalMs: number } {
    return this.#rebalances.soFar
  }

  /** Whether poll has to do something about membership before it returns records. */
  get needsPoll(): boolean {
    return this.#standing.needsPoll || this.#vitalSigns.isOverdue
  }

  enterPoll(): void {
    if (!this.#vitalSigns.enterPoll()) this.#departure.givenUp()
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
      this.#rebalances.began(standing.cause)
      const isFree = await this.#handover.giveUp(deadline, () => standing.info)
      if (isFree && standing.failure === null) this.#joining.start()
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
    if (this.state === 'stable' && this.#joining.hasOtherPartitions(image))
      this.requestRejoin('partitions of the subscribed topics changed')
  }

  claimFor(offsets: readonly OffsetToCommit[]): CommitClaim {
    return this.#rights.claimFor(offsets)
  }

  /**
   * As whom what is owned is committed with a transaction: in the generation that assigned it, also while another one is
   * being made, so that the coordinator refuses what it may have given to others. null: it is owned no more.
   */
  get claim(): GroupIdentity | null {
    return this.#current.claim
  }

  refused(errorCode: number, identity: GroupIdentity, reason: string | null = null): number | null {
    return this.#rights.refused(errorCode, identity, reason)
  }

  /** Ends membership, with a word to the listener and to the group. The application's partitions are gone afterwards. */
  leave(reason: string, timeoutMs: number): Promise<void> {
    this.#rebalances.abandoned(null)
    return this.#departure.leave(reason, timeoutMs)
  }

  /** Stops everything at once, without a word to anybody. */
  stop(): void {
    this.#rebalances.abandoned(null)
    this.#departure.stop()
  }

  /** Where it stands, once what the heartbeats' thread found out is known here. */
  get #current(): Standing {
    if (this.#vitalSigns.isOverdue) this.#departure.givenUp()
    return this.#standing
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
    const { memberId, protocol } = standing.member
    const { partitions } = this.#ownership
    this.#rebalances.formed({ memberId, generation: this.generationId, protocol, partitions })
    if (count === 0) this.#vitalSigns.probe()
    if (this.#joining.hasLeftOvers) this.#leftOvers.expectRebalance()
    watch.update()
  }
}
