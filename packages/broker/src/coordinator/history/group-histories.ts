// Hot path: heartbeats and commits pass here; one look-up for the group and one for the member.
import type { Decision, Group, GroupShard, Now, RebalanceNote } from '@rivven/groups'
import { ErrorCode } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { ClientSoftware } from '../../client-software.js'
import type { RequestConnection } from '../../request-connection.js'
import { commitBounds } from '../groups/group-metrics.js'
import type { GroupObserver } from '../groups/group-observer.js'
import { GroupHistory } from './group-history.js'
import { RecentBuckets } from './recent-buckets.js'

/** The window of what is told of all commits together. */
const commitsMs = 150_000

/**
 * Remembers how groups went, for whoever asks what is wrong with them. As what is counted of them it hangs on the group itself: it goes
 * when that goes, and begins anew when its shard is loaded anew.
 */
export class GroupHistories implements GroupObserver {
  readonly #clock: Clock
  readonly #software: ClientSoftware
  readonly #histories = new WeakMap<Group, GroupHistory>()
  /** Commits that were stored, of all groups. */
  commits = 0
  /** How long they took lately, in seconds. */
  readonly commitSeconds = new RecentBuckets(commitBounds, commitsMs)

  constructor(clock: Clock, software = new ClientSoftware()) {
    this.#clock = clock
    this.#software = software
  }

  /** Undefined: nothing has happened to it yet. */
  of(group: Group): GroupHistory | undefined {
    return this.#histories.get(group)
  }

  decided({ notes = [] }: Decision, shard: GroupShard, now: Now): void {
    for (const note of notes) {
      const group = shard.groups.get(note.groupId)
      if (group) this.#take(note, this.historyOf(group), now)
    }
  }

  /** It is a member now, or again. */
  joined(group: Group, memberId: string, connection: RequestConnection): void {
    this.historyOf(group).pulse(memberId, this.#clock.monotonic()).software = this.#software.of(connection)
  }

  /** A heartbeat that was right. */
  heard(group: Group, memberId: string, connection: RequestConnection): void {
    const now = this.#clock.monotonic()
    const pulse = this.historyOf(group).pulse(memberId, now)
    pulse.beat(now)
    if (pulse.software === undefined) pulse.software = this.#software.of(connection)
  }

  committed(group: Group, memberId: string, tookMs: number): void {
    const now = this.#clock.monotonic()
    this.commits += 1
    this.commitSeconds.add(tookMs / 1_000, now)
    if (group.members.has(memberId)) this.historyOf(group).pulse(memberId, now).committed(now)
  }

  commitRefused(group: Group, memberId: string, errorCodes: Iterable<number>): void {
    const now = this.#clock.monotonic()
    for (const errorCode of errorCodes) {
      this.historyOf(group).refused.add(memberId, errorCode, now)
      this.refused(group, memberId, errorCode)
    }
  }

  /** Any request in the name of a member: whoever is not one any more may not know it yet. */
  refused(group: Group, memberId: string, errorCode: number): void {
    if (memberId === '') return
    if (errorCode === ErrorCode.UNKNOWN_MEMBER_ID) this.historyOf(group).departures.spoke(memberId, this.#clock.now())
    if (errorCode === ErrorCode.FENCED_INSTANCE_ID) this.historyOf(group).fenced.add(this.#clock.monotonic())
  }

  /** That of a group that is there. */
  historyOf(group: Group): GroupHistory {
    let history = this.#histories.get(group)
    if (!history) {
      history = new GroupHistory(this.#clock.now())
      this.#histories.set(group, history)
    }
    return history
  }

  #take(note: RebalanceNote, history: GroupHistory, now: Now): void {
    const { kind, facts } = note
    if (!facts.member) return
    const { memberId, groupInstanceId, clientHost } = facts.member
    if (kind === 'joined') history.departures.joined(facts.member, now.wall)
    if (kind === 'left' || kind === 'removed') {
      history.departures.add(note, now, history.pulseOf(memberId)?.software)
      history.forget(memberId)
    }
    if (kind === 'replaced' && groupInstanceId !== null && facts.replaced) {
      const { oldMemberId, newHost } = facts.replaced
      history.tookPlace({ at: now.wall, groupInstanceId, fromHost: clientHost, toHost: newHost })
      history.forget(oldMemberId)
    }
  }
}
