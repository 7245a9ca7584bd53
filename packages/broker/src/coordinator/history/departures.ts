import type { Now, RebalanceCause, RebalanceNote, StoryMember } from '@rivven/groups'
import { keepNewest } from './keep-newest.js'

/** A member that went, and what became of it. Times are wall milliseconds. */
export interface Departed extends StoryMember {
  readonly at: number
  /** What its client calls itself; null: it has not said, undefined: nobody has looked. */
  readonly software: string | null | undefined
  readonly cause: RebalanceCause
  /** What the client said (KIP-800). */
  readonly reason: string | null
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly lastHeardAt: number | null
  /** Null: its connection stayed, or none was known. */
  readonly disconnectedAt: number | null
  /** When somebody spoke under its id, or one of its client id and host joined. */
  returnedAt: number | null
  /** It spoke under its id, and did not know that it was out. */
  knewNothing: boolean
  /** Records that it had got and not committed; null: not known. */
  readPast: number | null
}

const mostKept = 100
const keptMs = 86_400_000

/** Members that a group has lost within a day, oldest first. */
export class Departures {
  readonly #all: Departed[] = []

  of(wall: number): readonly Departed[] {
    return this.#all.filter(({ at }) => wall - at <= keptMs)
  }

  /** Takes a note of a member that left or was removed. */
  add({ cause, reason, facts }: RebalanceNote, now: Now, software?: string | null): void {
    const { member, last } = facts
    if (!member || !last || cause === null) return
    const wallOf = (monotonic: number | null) => (monotonic === null ? null : now.wall + monotonic - now.monotonic)
    const { sessionTimeoutMs, rebalanceTimeoutMs } = last
    keepNewest(this.#all, mostKept, {
      ...member,
      ...{ at: now.wall, software, cause, reason, sessionTimeoutMs, rebalanceTimeoutMs },
      ...{ lastHeardAt: wallOf(last.heardAt), disconnectedAt: wallOf(last.disconnectedAt) },
      ...{ returnedAt: null, knewNothing: false, readPast: null },
    })
  }

  /** Somebody speaks as a member that is gone. */
  spoke(memberId: string, wall: number): void {
    const departed = this.#newest((one) => one.memberId === memberId)
    if (!departed) return
    departed.returnedAt ??= wall
    departed.knewNothing = true
  }

  /** Somebody joined, under a new id. */
  joined({ clientId, clientHost }: StoryMember, wall: number): void {
    const departed = this.#newest(
      (one) => one.returnedAt === null && one.clientId === clientId && one.clientHost === clientHost,
    )
    if (departed) departed.returnedAt = wall
  }

  /** What a member had got that was not committed when it went. */
  hadRead(memberId: string, records: number): void {
    const departed = this.#newest((one) => one.memberId === memberId)
    if (departed) departed.readPast ??= records
  }

  #newest(is: (departed: Departed) => boolean): Departed | undefined {
    return this.#all.findLast(is)
  }
}
