import { type Assignment, type Assignor, encodeSubscription, type TopicPartitions } from '@rivven/groups'
import { ErrorCode, Heartbeat, type JoinGroupResponse } from '@rivven/protocol'
import type { OffsetToCommit } from '../admin/group-offsets.js'
import {
  asRivvenError,
  CommitFailedError,
  errorFromCode,
  RebalanceInProgressError,
  type RivvenError,
} from '../errors.js'
import type { Cluster } from '../net/cluster.js'
import type { ClusterImage } from '../net/cluster-image.js'
import { backoff, sleep } from '../net/retry.js'
import type { Bell } from './bell.js'
import type { Committer } from './commits.js'
import type { ConsumerSettings } from './consumer-options.js'
import { type GroupIdentity, type GroupRequests, mayPass } from './group-requests.js'
import { Heartbeats } from './heartbeats.js'
import { fencedMember, inconsistent, JoinRequests, type Setback, type SyncOutcome } from './join-requests.js'
import { assignPartitions, membersOf, snapshotOf, topicsOf } from './leader-assignment.js'
import { PollDeadline } from './poll-deadline.js'
import type { ListenerCalls, RebalanceInfo } from './rebalance-listener.js'
import type { SubscriptionState } from './subscription-state.js'
import { byTopic, partitionsText, sortPartitions, type TopicPartition } from './topic-partition.js'
import type { TopicWatch } from './topic-watch.js'
import type { Troubles } from './troubles.js'

/**
 * Where a member stands (classic-groups §5.3). What ends each state:
 * `unjoined` a poll; `revoking` (gives up partitions, commits) its listener; `joining` JoinGroup's answer, when all
 * members have joined; `syncing` SyncGroup's answer, when the leader has assigned; `assigned` the next poll, which takes
 * the assignment; `stable` a rebalance or loss of membership; `failed` nothing: every poll throws the reason.
 */
export type MembershipState = 'unjoined' | 'revoking' | 'joining' | 'syncing' | 'assigned' | 'stable' | 'failed'

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

interface Joined {
  readonly generationId: number
  readonly assignor: Assignor
  readonly assignment: Assignment
}

/**
 * Membership in a group. The network part (JoinGroup, SyncGroup, heartbeats) goes on by itself; whatever changes what
 * the application owns, and calls its listener, happens within `advance`, so within poll.
 */
export class Membership implements Committer {
  readonly #parts: MembershipParts
  readonly #join: JoinRequests
  readonly #heartbeats: Heartbeats
  readonly #pollDeadline: PollDeadline
  #state: MembershipState = 'unjoined'
  #memberId = ''
  #generationId = -1
  /** The generation in which the owned partitions were assigned (§5.6). */
  #ownedGeneration = -1
  #lastAssigned: { assignor: Assignor; partitions: readonly TopicPartitions[] } | null = null
  /** Why to join (again); null: no need. */
  #rejoin: string | null = null
  #cause = 'first join'
  /** Why the last generation was lost. */
  #lossReason = 'it has not joined yet'
  #flushing: Promise<void> | null = null
  #joined: Joined | null = null
  #leading: { topics: Set<string>; snapshot: string } | null = null
  #attempt: AbortController | null = null
  #failure: RivvenError | null = null

  constructor(parts: MembershipParts) {
    const { cluster, settings, requests } = parts
    const { clock, random } = cluster.runtime
    this.#parts = parts
    this.#join = new JoinRequests(requests, settings, cluster.requestTimeoutMs)
    this.#heartbeats = new Heartbeats({
      clock,
      random,
      intervalMs: settings.heartbeatIntervalMs,
      retryBackoffMs: cluster.retryBackoffMs,
      maxRetryBackoffMs: cluster.maxRetryBackoffMs,
      beat: () => this.#beat(),
    })
    this.#pollDeadline = new PollDeadline(clock, settings.maxPollIntervalMs, () => void this.#pollOverdue())
  }

  get state(): MembershipState {
    return this.#state
  }

  get memberId(): string {
    return this.#memberId
  }

  get generationId(): number {
    return this.#generationId
  }

  get isLeader(): boolean {
    return this.#leading !== null
  }

  /** Whether poll has to do something about membership before it returns records. */
  get needsPoll(): boolean {
    const waitsForPoll = this.#state === 'failed' || this.#state === 'assigned' || this.#state === 'revoking'
    const mayJoin = this.#state === 'unjoined' || this.#state === 'stable'
    return waitsForPoll || (mayJoin && this.#rejoin !== null)
  }

  enterPoll(): void {
    this.#pollDeadline.enter()
  }

  leavePoll(now: number): void {
    this.#pollDeadline.leave(now)
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
    if (this.#state === 'revoking' && (await this.#giveUp(deadline))) this.#startJoining()
    this.#parts.listener.throwError()
  }

  /** New metadata: a pattern may match other topics, a leader may have other partitions to assign. */
  imageChanged(image: ClusterImage): void {
    const { subscription, settings } = this.#parts
    const names = [...image.topics.values()].filter((topic) => topic.errorCode === 0 && !topic.isInternal)
    if (subscription.matchTopics(names.map(({ name }) => name)))
      this.requestRejoin('topics that match the pattern changed')
    const leading = this.#leading
    if (!leading || this.#state !== 'stable') return
    const snapshot = snapshotOf(leading.topics, image, settings.clientRack !== null)
    if (snapshot === leading.snapshot) return
    leading.snapshot = snapshot
    this.requestRejoin('partitions of the subscribed topics changed')
  }

  identity(offsets: readonly OffsetToCommit[]): GroupIdentity {
    const { groupId } = this.#parts.requests
    const facts = { group: groupId, memberId: this.#memberId }
    if (this.#state === 'joining' || this.#state === 'syncing' || this.#state === 'assigned') {
      const text = `Group ${groupId} is rebalancing: ${partitionsText(offsets)} cannot be committed now.`
      throw new RebalanceInProgressError('REBALANCE_IN_PROGRESS', text, { hint: 'Poll until it is over.', facts })
    }
    const foreign = offsets.filter(({ topic, partition }) => !this.#parts.subscription.of(topic, partition))
    if (this.#generationId < 0 || foreign.length > 0) {
      const which = partitionsText(foreign.length > 0 ? foreign : offsets)
      const why = this.#generationId < 0 ? this.#lossReason : `they went to another member (${this.#cause})`
      const text = `${which} cannot be committed: this member does not own them, ${why}.`
      const hint = 'Go on polling; what was not committed is read again by its owner.'
      throw new CommitFailedError('COMMIT_FAILED', text, { hint, facts })
    }
    return {
      generationId: this.#generationId,
      memberId: this.#memberId,
      groupInstanceId: this.#parts.settings.groupInstanceId,
    }
  }

  /** A stale refusal, of what was sent before the last rebalance, must not cost the present membership (§7, 15). */
  refused(errorCode: number, identity: GroupIdentity): boolean {
    if (identity.generationId !== this.#generationId || identity.memberId !== this.#memberId) return false
    switch (errorCode) {
      case ErrorCode.REBALANCE_IN_PROGRESS:
        this.requestRejoin('the group is rebalancing')
        break
      case ErrorCode.ILLEGAL_GENERATION:
        this.#loseGeneration('the group went on to another generation without it')
        break
      case ErrorCode.UNKNOWN_MEMBER_ID:
        this.#memberId = ''
        this.#loseGeneration('the group gave it up')
        break
      case ErrorCode.FENCED_INSTANCE_ID:
        this.#memberId = ''
        this.#loseGeneration('another member took its groupInstanceId')
        this.#fail(fencedMember(this.#parts.requests.groupId, this.#parts.settings.groupInstanceId))
        break
    }
    return true
  }

  /**
   * Ends membership: listener, LeaveGroup (not for static members, which are expected back), no more heartbeats. The
   * application's partitions are gone afterwards.
   */
  async leave(reason: string, timeoutMs: number): Promise<void> {
    const isValid = this.#generationId >= 0 && (this.#state === 'stable' || this.#state === 'revoking')
    const owned = this.#owned()
    this.#cause = reason
    if (owned.length > 0) await (isValid ? this.#revoke(owned) : this.#lose(owned))
    this.#parts.subscription.replaceAssignment([])
    await this.#leaveGroup(reason, timeoutMs)
    this.#rejoin = null
    if (this.#state !== 'failed') this.#state = 'unjoined'
  }

  /** Stops everything at once, without a word to anybody. */
  stop(): void {
    this.#attempt?.abort()
    this.#heartbeats.stop()
    this.#pollDeadline.stop()
  }

  // --- giving up -----------------------------------------------------------------------------------------------

  /** Before joining (§5.4): false when the commit goes on after `deadline`; the next poll waits for it then. */
  async #giveUp(deadline: number): Promise<boolean> {
    const { settings, subscription, commitHandled, cluster } = this.#parts
    const isEager = settings.rebalanceProtocol === 'eager'
    this.#cause = this.#rejoin ?? this.#cause
    if (isEager) for (const state of subscription.assigned) state.isRevoking = true
    if (this.#generationId >= 0) {
      this.#flushing ??= commitHandled(settings.maxPollIntervalMs)
      if (!(await isDoneBy(this.#flushing, deadline, cluster))) return false
    }
    this.#flushing = null
    const owned = this.#owned()
    if (this.#generationId < 0) {
      if (owned.length > 0) await this.#lose(owned)
      subscription.replaceAssignment([])
    } else if (isEager) {
      await this.#revoke(owned)
      subscription.replaceAssignment([])
    } else await this.#revokeSome(owned.filter(({ topic }) => !subscription.isInteresting(topic)))
    return true
  }

  /** Revokes some partitions and keeps the rest. */
  async #revokeSome(gone: readonly TopicPartition[]): Promise<void> {
    if (gone.length === 0) return
    const { subscription } = this.#parts
    for (const { topic, partition } of gone) subscription.mustOwn({ topic, partition }).isRevoking = true
    await this.#revoke(gone)
    subscription.replaceAssignment(this.#owned().filter((kept) => !contains(gone, kept)))
  }

  #revoke(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#parts.listener.revoked(partitions, this.#info())
  }

  #lose(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#parts.listener.lost(partitions, this.#info())
  }

  // --- joining ---------------------------------------------------------------------------------------------------

  #startJoining(): void {
    const attempt = new AbortController()
    this.#attempt = attempt
    this.#leading = null
    this.#parts.watch.watchGroupTopics([])
    this.#heartbeats.stop()
    this.#pollDeadline.start()
    this.#state = 'joining'
    void this.#keepJoining(attempt.signal)
  }

  /** Joins until it succeeds, must go back to poll, or fails for good. Never rejects. */
  async #keepJoining(signal: AbortSignal): Promise<void> {
    const { cluster, troubles, bell } = this.#parts
    const { clock, random } = cluster.runtime
    const { retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs } = cluster
    for (let failures = 0; !signal.aborted; ) {
      const startedAt = clock.monotonic()
      try {
        const setback = await this.#joinOnce(signal)
        if (signal.aborted) return
        if (setback === null) break
        if (setback.kind === 'later') throw setback.error
        if (this.#generationId < 0 && this.#owned().length > 0) {
          // Partitions were lost meanwhile: poll tells the application before it joins again.
          this.#state = 'unjoined'
          this.#rejoin ??= this.#lossReason
          break
        }
      } catch (error) {
        if (signal.aborted) return
        if (!mayPass(error)) {
          this.#joinFailed(asRivvenError(error, `Joining group ${this.#parts.requests.groupId}`))
          return
        }
        troubles.failed('join', asRivvenError(error, 'Joining'), startedAt)
        bell.ring()
        failures++
        await sleep(clock, backoff(failures, { random, backoffMs, maxBackoffMs }), signal).catch(ignoreAbort)
      }
    }
    if (signal.aborted) return
    troubles.isWell('join')
    bell.ring()
  }

  /** One JoinGroup and SyncGroup; null when there is an assignment. */
  async #joinOnce(signal: AbortSignal): Promise<Setback | null> {
    const { watch } = this.#parts
    this.#state = 'joining'
    await watch.prepare()
    if (signal.aborted) return null
    const reason = this.#rejoin ?? this.#cause
    this.#rejoin = null
    const joined = await this.#join.join({ memberId: this.#memberId, protocols: this.#protocols(), reason, signal })
    if (signal.aborted) return null
    if (joined.kind === 'idGiven') {
      this.#memberId = joined.memberId
      return { kind: 'again' }
    }
    if (joined.kind !== 'joined') return this.#setBack(joined)
    const assignor = this.#adopt(joined.answer)
    const synced = await this.#sync(joined.answer, assignor, signal)
    if (signal.aborted) return null
    if (synced.kind !== 'synced') return this.#setBack(synced)
    this.#joined = { generationId: this.#generationId, assignor, assignment: synced.assignment }
    this.#state = 'assigned'
    this.#heartbeats.start()
    return null
  }

  #protocols(): { name: string; metadata: Buffer }[] {
    const { subscription, settings } = this.#parts
    const owned = topicPartitions(this.#owned())
    return settings.assignors.map((assignor) => {
      const last = this.#lastAssigned?.assignor === assignor ? this.#lastAssigned : null
      const userData = last ? (assignor.userData?.(last.partitions, this.#ownedGeneration) ?? null) : null
      const metadata = encodeSubscription({
        topics: subscription.topics,
        userData,
        ownedPartitions: owned,
        generationId: this.#ownedGeneration,
        rackId: settings.clientRack,
      })
      return { name: assignor.name, metadata }
    })
  }

  /** Takes the identity that JoinGroup gave; the assignor that the group elected. */
  #adopt(answer: JoinGroupResponse): Assignor {
    const { settings, requests } = this.#parts
    const { protocolType, protocolName } = answer
    const assignor = settings.assignors.find(({ name }) => name === protocolName)
    if ((protocolType !== null && protocolType !== 'consumer') || !assignor)
      throw inconsistent(requests.groupId, protocolName ?? protocolType ?? '')
    this.#memberId = answer.memberId
    this.#generationId = answer.generationId
    this.#state = 'syncing'
    return assignor
  }

  /** The leader assigns for all; everybody then asks for what is theirs. */
  async #sync(answer: JoinGroupResponse, assignor: Assignor, signal: AbortSignal): Promise<SyncOutcome> {
    const isLeader = answer.leader === answer.memberId
    const assignments = isLeader ? await this.#lead(answer, assignor) : []
    if (signal.aborted) return { kind: 'again' }
    const { memberId, generationId } = answer
    return this.#join.sync({ memberId, generationId, protocolName: assignor.name, assignments, signal })
  }

  async #lead(answer: JoinGroupResponse, assignor: Assignor): Promise<{ memberId: string; assignment: Buffer }[]> {
    const { cluster, watch, settings } = this.#parts
    const members = membersOf(answer)
    const topics = topicsOf(members)
    watch.watchGroupTopics(topics)
    // Fresh, so that partitions added since are assigned now and not by a rebalance of their own.
    const image = await cluster.metadata([...topics], { allowAutoCreate: settings.allowAutoCreate, isFresh: true })
    this.#leading = { topics, snapshot: snapshotOf(topics, image, settings.clientRack !== null) }
    // A static leader that came back only watches: the assignment stands (KIP-814).
    return answer.skipAssignment ? [] : assignPartitions(assignor, members, image)
  }

  /** Forgets what a setback says is no longer true. 22 keeps the member id, and 27 all of it (§7, 16). */
  #setBack(setback: Setback): Setback {
    if (setback.kind === 'unknownMember') this.#memberId = ''
    if (setback.kind === 'unknownMember' || setback.kind === 'staleGeneration') {
      this.#generationId = -1
      this.#lossReason = 'the group went on without it'
    }
    return setback
  }

  /** Poll throws the reason, and its next call tries again; but a fenced member is out for good. */
  #joinFailed(error: RivvenError): void {
    this.#rejoin ??= this.#cause
    this.#state = 'unjoined'
    if (error.fatal) this.#fail(error)
    else this.#parts.troubles.report(error)
    this.#parts.bell.ring()
  }

  // --- taking the assignment ----------------------------------------------------------------------------------

  async #takeAssignment(): Promise<void> {
    const { subscription, watch, listener, settings } = this.#parts
    const joined = this.#joined
    if (!joined) return
    this.#joined = null
    this.#state = 'stable'
    const assigned = joined.assignment.assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    )
    if (assigned.some(({ topic }) => !subscription.isInteresting(topic))) {
      this.requestRejoin('the assignment has topics that are not subscribed (any more)')
      return
    }
    if (settings.rebalanceProtocol === 'cooperative') await this.#revokeMoved(assigned)
    const added = assigned.filter(({ topic, partition }) => !subscription.of(topic, partition))
    subscription.replaceAssignment(sortPartitions(assigned))
    this.#ownedGeneration = joined.generationId
    this.#lastAssigned = { assignor: joined.assignor, partitions: joined.assignment.assignedPartitions }
    watch.update()
    await listener.assigned(sortPartitions(added), this.#info())
  }

  /** Cooperative: what goes to others is given up now, and a second round hands it over (KIP-429). */
  async #revokeMoved(assigned: readonly TopicPartition[]): Promise<void> {
    const moved = this.#owned().filter((owned) => !contains(assigned, owned))
    if (moved.length === 0) return
    for (const partition of moved) this.#parts.subscription.mustOwn(partition).isRevoking = true
    await this.#parts.commitHandled(this.#parts.settings.maxPollIntervalMs)
    await this.#revokeSome(moved)
    this.requestRejoin('partitions were given up and can be assigned now')
  }

  // --- staying -----------------------------------------------------------------------------------------------------

  async #beat(): Promise<void> {
    const { requests, settings, cluster } = this.#parts
    const identity = {
      generationId: this.#generationId,
      memberId: this.#memberId,
      groupInstanceId: settings.groupInstanceId,
    }
    const request = { groupId: requests.groupId, ...identity }
    const timeoutMs = Math.min(cluster.requestTimeoutMs, settings.sessionTimeoutMs)
    const { errorCode } = await requests.send(Heartbeat, request, { timeoutMs })
    switch (errorCode) {
      case ErrorCode.NONE:
        return
      case ErrorCode.REBALANCE_IN_PROGRESS:
      case ErrorCode.ILLEGAL_GENERATION:
      case ErrorCode.UNKNOWN_MEMBER_ID:
      case ErrorCode.FENCED_INSTANCE_ID:
        if (errorCode !== ErrorCode.REBALANCE_IN_PROGRESS || this.#mayRejoin) this.refused(errorCode, identity)
        return
      default:
        requests.movedBy(errorCode)
        throw errorFromCode(errorCode, `A heartbeat to group ${requests.groupId}`)
    }
  }

  /** A rebalance that this member is on its way into already is no news. */
  get #mayRejoin(): boolean {
    return this.#state === 'stable' || this.#state === 'assigned'
  }

  /** The member is alive, but its application is not: others shall have its partitions. */
  async #pollOverdue(): Promise<void> {
    const { settings, troubles } = this.#parts
    const reason = `poll was not called for ${settings.maxPollIntervalMs} ms (maxPollIntervalMs)`
    this.#attempt?.abort()
    this.#loseGeneration(reason)
    try {
      await this.#leaveGroup(reason, settings.sessionTimeoutMs)
    } catch (error) {
      troubles.failed('join', asRivvenError(error, 'Leaving the group'), this.#parts.cluster.runtime.clock.monotonic())
    }
  }

  /** Out of the generation; the next poll tells the application and joins again. */
  #loseGeneration(reason: string): void {
    this.#heartbeats.stop()
    this.#generationId = -1
    this.#lossReason = reason
    this.#joined = null
    this.#rejoin ??= reason
    if (this.#state !== 'revoking' && this.#state !== 'failed') this.#state = 'unjoined'
    this.#parts.bell.ring()
  }

  /** A static member keeps its id as well: without a LeaveGroup a blind join would fence itself (§7, 27 and 28). */
  async #leaveGroup(reason: string, timeoutMs: number): Promise<void> {
    const memberId = this.#memberId
    this.stop()
    this.#generationId = -1
    this.#lossReason = `it left: ${reason}`
    if (this.#parts.settings.groupInstanceId !== null || memberId === '') return
    this.#memberId = ''
    await this.#join.leave(memberId, reason, timeoutMs)
  }

  #fail(error: RivvenError): void {
    this.#state = 'failed'
    this.#failure = error
    this.stop()
    this.#parts.bell.ring()
  }

  #owned(): TopicPartition[] {
    return sortPartitions(this.#parts.subscription.assigned).map(({ topic, partition }) => ({ topic, partition }))
  }

  #info(): RebalanceInfo {
    return { generation: this.#generationId, protocol: this.#parts.settings.rebalanceProtocol, cause: this.#cause }
  }
}

function contains(partitions: readonly TopicPartition[], wanted: TopicPartition): boolean {
  return partitions.some(({ topic, partition }) => topic === wanted.topic && partition === wanted.partition)
}

function topicPartitions(partitions: readonly TopicPartition[]): TopicPartitions[] {
  return [...byTopic(partitions)].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map(({ partition }) => partition),
  }))
}

async function isDoneBy(work: Promise<void>, deadline: number, { runtime: { clock } }: Cluster): Promise<boolean> {
  const waiting = new AbortController()
  const delay = Math.min(Math.max(1, deadline - clock.monotonic()), 2 ** 31 - 1)
  const late = sleep(clock, delay, waiting.signal).then(
    () => false,
    () => true,
  )
  const isDone = await Promise.race([work.then(() => true), late])
  waiting.abort()
  return isDone
}

function ignoreAbort(): void {
  // The loop looks at the signal itself.
}
