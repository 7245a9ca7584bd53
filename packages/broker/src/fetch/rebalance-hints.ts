import {
  assignedPartitions,
  type Decision,
  type Group,
  type GroupShard,
  type Member,
  type Now,
  type RebalanceNote,
} from '@rivven/groups'
import type { Clock } from '@rivven/runtime'
import type { Nudge, Nudges } from '../cluster/peers/nudges.js'
import type { GroupObserver } from '../coordinator/groups/group-observer.js'
import { partitionKey } from '../partition-key.js'
import type { FetchTarget } from './fetch-target.js'
import { clientKey, type FetchingClient, WaitingFetches } from './waiting-fetches.js'

/** By then the member has learnt of the rebalance by a heartbeat. */
const owedForMs = 5_000
/** Partitions of all hints that are owed at a time; members of more learn by their heartbeats. */
const mostOwed = 100_000
/** Fetches that are the same to us: of members of several groups with the same client id, host and partitions. */
const mostAlike = 16
/** A wait of which so much is over ends soon anyhow: that it ended early would not be noticed. */
const noticedUntil = 0.5

/** A member that has yet to hear of its group's rebalance. */
interface OwedHint {
  readonly groupId: string
  readonly client: string
  /** It has not heard otherwise. */
  isNews(): boolean
  readonly partitions: readonly string[]
  readonly until: number
}

export interface WaitingOptions {
  readonly client: FetchingClient
  readonly targets: readonly FetchTarget[]
  readonly maxWaitMs: number
  /** May its client know of this group? Fetches are known by client ids and addresses, which others can have, too. */
  mayKnow(groupId: string): boolean
}

/**
 * Tells members of a rebalance before their next heartbeat does: their fetches are answered early and empty. Any client
 * has to cope with such an answer, ours takes it as the hint to heartbeat at once. A member whose fetch does not wait
 * right now is owed one hint, for its next fetch.
 */
export class RebalanceHints implements GroupObserver {
  readonly #clock: Clock
  readonly #waiting = new WaitingFetches()
  /** By client, then by each partition of the member. */
  readonly #owed = new Map<string, Map<string, OwedHint>>()
  readonly #ofGroup = new Map<string, Set<OwedHint>>()
  /** Of groups that others coordinate, oldest first: nobody says when they are settled. */
  #nudged: OwedHint[] = []
  readonly #nudges: Nudges | undefined
  #owedPartitions = 0

  /** Without `nudges` there are no other brokers. */
  constructor(clock: Clock, nudges?: Nudges) {
    this.#clock = clock
    this.#nudges = nudges
  }

  /** Partitions of the members that are owed a hint. */
  get owed(): number {
    return this.#owedPartitions
  }

  /** A fetch begins to wait: `wake` is called when its member should hear of a rebalance. Returns how to stop that. */
  wait({ client, targets, maxWaitMs, mayKnow }: WaitingOptions, wake: () => void): (() => void) | undefined {
    const logs = targets.flatMap(({ log }) => log ?? [])
    if (logs.length === 0) return undefined
    const since = this.#clock.monotonic()
    const fetch = {
      since,
      wake: (groupId: string) => {
        if (!mayKnow(groupId)) return false
        wake()
        return this.#clock.monotonic() <= since + maxWaitMs * noticedUntil
      },
    }
    return this.#waiting.add(client, logs, fetch)
  }

  /** Is the member that fetches here owed a hint? If so it has it with this. */
  take({ client, targets, mayKnow }: Omit<WaitingOptions, 'maxWaitMs'>): boolean {
    if (this.#owed.size === 0) return false
    const ofClient = this.#owed.get(clientKey(client))
    if (!ofClient) return false
    for (const { log } of targets) {
      const hint = log && ofClient.get(partitionKey(log.topic, log.partition))
      if (!hint || !mayKnow(hint.groupId)) continue
      this.#forget(hint)
      return hint.isNews() && hint.until > this.#clock.monotonic()
    }
    return false
  }

  decided({ notes = [] }: Decision, shard: GroupShard, now: Now): void {
    for (const { kind, groupId } of notes) {
      if (isOfMember(kind)) continue
      for (const hint of this.#ofGroup.get(groupId) ?? []) this.#forget(hint)
      const group = kind === 'started' ? shard.groups.get(groupId) : undefined
      if (group?.state === 'PreparingRebalance') this.#tellMembers(group, now)
    }
  }

  /** Another broker says that groups of its own rebalance, whose members fetch here. */
  nudged(nudges: readonly Nudge[]): void {
    const now = this.#clock.monotonic()
    this.#forgetNudged(now)
    for (const { groupId, topic, partition, formedMsAgo, ...fetching } of nudges) {
      const client = clientKey(fetching)
      const partitions = [partitionKey(topic, partition)]
      if (this.#wake(client, partitions, { groupId, formedAt: now - formedMsAgo }) !== 'later') continue
      const hint = { groupId, client, partitions, isNews: () => true, until: now + owedForMs }
      if (this.#owe(hint)) this.#nudged.push(hint)
    }
  }

  #forgetNudged(now: number): void {
    const kept = this.#nudged.findIndex(({ until }) => until > now)
    for (const hint of this.#nudged.splice(0, kept < 0 ? this.#nudged.length : kept)) this.#forget(hint)
  }

  /** Where a member fetches from this broker, too, it hears of it here; else the leader of its first partition is asked to tell it. */
  #tellMembers(group: Group, { monotonic }: Now): void {
    const { groupId } = group
    const elsewhere = new Map<number, Nudge[]>()
    for (const member of group.members.values()) {
      if (member.parkedJoin) continue
      const places = placesOf(member)
      const leader = this.#leaderElsewhere(places)
      if (leader !== undefined) {
        const nudges = elsewhere.get(leader) ?? []
        elsewhere.set(leader, nudges)
        nudges.push(nudgeOf(group, member, places[0] as Place, monotonic))
        continue
      }
      const partitions = places.map(({ topic, partition }) => partitionKey(topic, partition))
      const client = clientKey(member)
      if (partitions.length === 0 || this.#wake(client, partitions, group) !== 'later') continue
      this.#owe({ groupId, client, isNews: () => member.parkedJoin === null, partitions, until: monotonic + owedForMs })
    }
    for (const [leader, nudges] of elsewhere) this.#nudges?.send(leader, nudges)
  }

  /** Undefined: one of the partitions, or none, is led here. */
  #leaderElsewhere(places: readonly Place[]): number | undefined {
    if (!this.#nudges) return undefined
    let first: number | undefined
    for (const { topic, partition } of places) {
      const leader = this.#nudges.leaderElsewhere(topic, partition)
      if (leader === undefined) return undefined
      first ??= leader
    }
    return first
  }

  /** A fetch from before the present generation may be of the partition's former owner, so it proves nothing. */
  #wake(
    client: string,
    partitions: readonly string[],
    { groupId, formedAt }: Pick<Group, 'groupId' | 'formedAt'>,
  ): 'done' | 'later' | 'nobody knows who' {
    const fetches = new Set(this.#waiting.of(client, partitions))
    if (fetches.size > mostAlike) return 'nobody knows who'
    let isNoticed = false
    for (const fetch of fetches) isNoticed = (fetch.wake(groupId) && fetch.since > formedAt) || isNoticed
    return isNoticed ? 'done' : 'later'
  }

  #owe(hint: OwedHint): boolean {
    if (this.#owedPartitions + hint.partitions.length > mostOwed) return false
    const ofGroup = this.#ofGroup.get(hint.groupId) ?? new Set<OwedHint>()
    this.#ofGroup.set(hint.groupId, ofGroup.add(hint))
    const ofClient = this.#owed.get(hint.client) ?? new Map<string, OwedHint>()
    this.#owed.set(hint.client, ofClient)
    for (const partition of hint.partitions) {
      // Of another group: which of the two a fetch belongs to cannot be told.
      if (!ofClient.has(partition)) ofClient.set(partition, hint)
    }
    this.#owedPartitions += hint.partitions.length
    return true
  }

  #forget(hint: OwedHint): void {
    const ofGroup = this.#ofGroup.get(hint.groupId)
    if (!ofGroup?.delete(hint)) return
    if (ofGroup.size === 0) this.#ofGroup.delete(hint.groupId)
    const ofClient = this.#owed.get(hint.client)
    for (const partition of hint.partitions) if (ofClient?.get(partition) === hint) ofClient.delete(partition)
    if (ofClient?.size === 0) this.#owed.delete(hint.client)
    this.#owedPartitions -= hint.partitions.length
  }
}

/** Nothing that follows from a member alone ends a rebalance. */
function isOfMember(kind: RebalanceNote['kind']): boolean {
  return ['joined', 'left', 'removed', 'disconnected', 'replaced'].includes(kind)
}

interface Place {
  readonly topic: string
  readonly partition: number
}

function nudgeOf({ groupId, formedAt }: Group, { clientId, clientHost }: Member, place: Place, now: number): Nudge {
  return { groupId, clientId, clientHost, ...place, formedMsAgo: now - formedAt }
}

/** What the member owned when the rebalance began; nothing where that is no consumer's assignment. */
function placesOf({ assignment }: Member): Place[] {
  return (assignedPartitions(assignment) ?? []).flatMap(({ topic, partitions }) =>
    partitions.map((partition) => ({ topic, partition })),
  )
}
