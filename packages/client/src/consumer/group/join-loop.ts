import { type Assignor, encodeSubscription, type TopicPartitions } from '@rivven/groups'
import { asRivvenError, type RivvenError, sleep } from '@rivven/link'
import type { JoinGroupResponse } from '@rivven/protocol'
import type { Cluster } from '../../net/cluster.js'
import type { ClusterImage } from '../../net/cluster-image.js'
import { type GroupRequests, mayPass } from '../../net/group-requests.js'
import { pausesOf } from '../../net/pauses.js'
import { byTopic } from '../../topic-partition.js'
import { protocolOf } from '../options/assignment-strategy.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { Bell } from '../state/bell.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import type { TopicWatch } from '../state/topic-watch.js'
import type { Troubles } from '../state/troubles.js'
import { FirstJoin } from './first-join.js'
import {
  fencedMember,
  inconsistent,
  type JoinOutcome,
  JoinRequests,
  type Setback,
  type SyncOutcome,
} from './join-requests.js'
import { assignPartitions, membersOf, snapshotOf, topicsOf } from './leader-assignment.js'
import { type Joined, type Member, maybeFencedByItself } from './member.js'
import type { Ownership } from './ownership.js'

export interface JoinLoopParts {
  cluster: Cluster
  settings: ConsumerSettings
  requests: GroupRequests
  subscription: SubscriptionState
  ownership: Ownership
  watch: TopicWatch
  troubles: Troubles
  bell: Bell
  member: Member
  /** JoinGroup was answered or has to be sent again. */
  onStep(state: 'joining' | 'syncing'): void
}

/** How joining ended. `lost`: partitions were lost on the way, of which poll has to tell before it is tried again. */
export type JoinEnd =
  | { kind: 'joined'; joined: Joined }
  | { kind: 'lost' }
  | { kind: 'failed'; error: RivvenError }
  | { kind: 'aborted' }

/** The exchange with the coordinator that makes a member: JoinGroup, the leader's part, SyncGroup (classic-groups §5.3). */
export class JoinLoop {
  readonly #parts: JoinLoopParts
  readonly #join: JoinRequests
  readonly #first: FirstJoin
  /** What the last assignment was made from, while this member leads. */
  #leading: { topics: Set<string>; snapshot: string; hasLeftOvers: boolean } | null = null

  constructor(parts: JoinLoopParts) {
    this.#parts = parts
    this.#join = new JoinRequests(parts.requests, parts.settings, parts.cluster.requestTimeoutMs)
    this.#first = new FirstJoin(this.#join, parts.cluster.runtime.clock)
  }

  get isLeader(): boolean {
    return this.#leading !== null
  }

  /**
   * Whether this member leads, and partitions may be left to nobody until their owners have given them up. A static leader
   * that came back cannot know: it may have been the owner that was to give them up, or partitions were added meanwhile.
   */
  get hasLeftOvers(): boolean {
    return this.#leading?.hasLeftOvers ?? false
  }

  /** Whether the leader would have other partitions to assign by now; says so once for each change. */
  hasOtherPartitions(image: ClusterImage): boolean {
    const leading = this.#leading
    if (!leading) return false
    const snapshot = snapshotOf(leading.topics, image, this.#parts.settings.clientRack !== null)
    const isOther = snapshot !== leading.snapshot
    leading.snapshot = snapshot
    return isOther
  }

  /** Joins until it succeeds, must go back to poll, or fails for good. Never rejects. */
  async run(reason: string, signal: AbortSignal): Promise<JoinEnd> {
    const { cluster, troubles, bell, requests } = this.#parts
    const { clock } = cluster.runtime
    this.#leading = null
    this.#parts.watch.watchGroupTopics([])
    const pauses = pausesOf(cluster)
    while (!signal.aborted) {
      const startedAt = clock.monotonic()
      try {
        const outcome = await this.#once(reason, signal)
        if (outcome === null) break
        if (outcome.kind === 'joined') return outcome
        if (outcome.kind === 'later') throw outcome.error
        if (this.#parts.member.generationId < 0 && this.#parts.ownership.partitions.length > 0) return { kind: 'lost' }
      } catch (error) {
        if (signal.aborted) break
        const trouble = asRivvenError(error, `Joining group ${requests.groupId}`)
        if (!mayPass(trouble)) return { kind: 'failed', error: trouble }
        troubles.failed('join', trouble, startedAt)
        bell.ring()
        await sleep(clock, pauses.after(error), signal).catch(endEarly)
      }
    }
    return { kind: 'aborted' }
  }

  /**
   * Leaves with this id ('': none), and with the one that a first JoinGroup may still bring that was given up: the group
   * would wait for it.
   */
  async leave(memberId: string, reason: string, timeoutMs: number): Promise<void> {
    if (memberId !== '') await this.#join.leave(memberId, reason, timeoutMs)
    await this.#first.settled(timeoutMs)
  }

  /** One JoinGroup and SyncGroup; null when it was aborted. */
  async #once(reason: string, signal: AbortSignal): Promise<{ kind: 'joined'; joined: Joined } | Setback | null> {
    const { watch, member, onStep } = this.#parts
    onStep('joining')
    await watch.prepare()
    if (signal.aborted) return null
    // Again: what the metadata just brought is in this request already.
    onStep('joining')
    const outcome = await this.#sendJoin(reason, signal)
    if (outcome === null || signal.aborted) return null
    if (outcome.kind === 'idGiven') {
      member.memberId = outcome.memberId
      return { kind: 'again' }
    }
    if (outcome.kind !== 'joined') return this.#setBack(outcome)
    const assignor = this.#adopt(outcome.answer)
    onStep('syncing')
    const synced = await this.#sync(outcome.answer, assignor, signal)
    if (signal.aborted) return null
    if (synced.kind !== 'synced') return this.#setBack(synced)
    member.isKnownForGood = true
    const { generationId } = outcome.answer
    return { kind: 'joined', joined: { generationId, assignor, assignment: synced.assignment } }
  }

  async #sendJoin(reason: string, signal: AbortSignal): Promise<JoinOutcome | null> {
    const { member, settings } = this.#parts
    const { memberId } = member
    const request = { memberId, protocols: this.#protocols(), reason }
    if (memberId === '' && settings.groupInstanceId === null) return this.#first.send(request, signal)
    try {
      return await this.#join.join({ ...request, signal })
    } catch (error) {
      // An error with a number is the coordinator's answer.
      if (memberId === '' && asRivvenError(error, 'Joining').errorCode === undefined) member.lostJoins++
      throw error
    }
  }

  #protocols(): { name: string; metadata: Buffer }[] {
    const { subscription, settings, ownership, member } = this.#parts
    const ownedPartitions: TopicPartitions[] = [...byTopic(ownership.partitions)].map(([topic, ofTopic]) => {
      return { topic, partitions: ofTopic.map(({ partition }) => partition) }
    })
    const { topics } = subscription
    const { ownedGeneration: generationId, lastAssigned } = member
    return settings.assignors.map((assignor) => {
      const last = lastAssigned?.assignor === assignor ? lastAssigned : null
      const userData = last ? (assignor.userData?.(last.partitions, generationId) ?? null) : null
      const subscribed = { topics, userData, ownedPartitions, generationId, rackId: settings.clientRack }
      return { name: assignor.name, metadata: encodeSubscription(subscribed) }
    })
  }

  /** Takes the identity that JoinGroup gave; returns the assignor that the group elected. */
  #adopt(answer: JoinGroupResponse): Assignor {
    const { settings, requests, member, ownership } = this.#parts
    const { protocolType, protocolName } = answer
    const assignor = settings.assignors.find(({ name }) => name === protocolName)
    if ((protocolType !== null && protocolType !== 'consumer') || !assignor)
      throw inconsistent(requests.groupId, protocolName ?? protocolType ?? '')
    if (member.memberId === '') member.isKnownForGood = false
    member.memberId = answer.memberId
    member.generationId = answer.generationId
    // Others may own from now on what this member has kept.
    if (protocolOf(assignor) === 'eager') ownership.hold(ownership.partitions)
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
    const { watch, settings } = this.#parts
    const members = membersOf(answer)
    const topics = topicsOf(members)
    watch.watchGroupTopics(topics)
    // Fresh, so that partitions added since are assigned now and not by a rebalance of their own.
    const image = await watch.ask([...topics], { isFresh: true })
    const snapshot = snapshotOf(topics, image, settings.clientRack !== null)
    // A static leader that came back only watches: the assignment stands (KIP-814).
    if (answer.skipAssignment) {
      this.#leading = { topics, snapshot, hasLeftOvers: true }
      return []
    }
    const { assignments, hasLeftOvers } = assignPartitions(assignor, members, image)
    this.#leading = { topics, snapshot, hasLeftOvers }
    return assignments
  }

  /** Forgets what a setback says is no longer true. 22 keeps the member id, and 27 all of it (§7, 16). */
  #setBack(setback: Setback): Setback {
    const { member, requests, settings } = this.#parts
    if (setback.kind === 'fenced' && !maybeFencedByItself(member))
      throw fencedMember(requests.groupId, settings.groupInstanceId)
    const isUnknown = setback.kind === 'unknownMember' || setback.kind === 'fenced'
    if (isUnknown) member.memberId = ''
    if (isUnknown || setback.kind === 'staleGeneration') {
      member.generationId = -1
      member.lossReason = 'the group went on without it'
    }
    return setback
  }
}

function endEarly(): void {
  // The loop looks at the signal itself.
}
