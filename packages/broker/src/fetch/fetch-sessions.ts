import { ErrorCode, type FetchRequest } from '@rivven/protocol'
import type { Clock, Random } from '@rivven/runtime'
import { FetchSession } from './fetch-session.js'
import { type FetchWish, wishesOf } from './fetch-target.js'

/** A session that is not used for so long may make room for another. */
const EVICTABLE_AFTER_MS = 120_000
const FIRST = 0
const NONE = -1

/** What a request asks for, after its session has been looked at. */
export type FetchPlan =
  | { readonly kind: 'refused'; readonly errorCode: number }
  | { readonly kind: 'full'; readonly session: FetchSession | undefined; readonly wishes: FetchWish[] }
  | { readonly kind: 'incremental'; readonly session: FetchSession; readonly wishes: FetchWish[] }

export interface SessionLimits {
  /** Sessions that are kept. */
  readonly slots: number
  /** Partitions of all of them together: these are what they weigh. */
  readonly partitions: number
}

/** All fetch sessions of the broker (KIP-227). They live in memory only and end with it. */
export class FetchSessions {
  readonly #limits: SessionLimits
  readonly #clock: Clock
  readonly #random: Random
  /** The one that was used longest ago comes first. */
  readonly #sessions = new Map<number, FetchSession>()
  #partitions = 0

  constructor(limits: SessionLimits, clock: Clock, random: Random) {
    this.#limits = limits
    this.#clock = clock
    this.#random = random
  }

  get size(): number {
    return this.#sessions.size
  }

  /** data-plane.md §9.6, the table of session id and epoch. */
  plan(request: FetchRequest, usesIds: boolean): FetchPlan {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch !== FIRST && sessionEpoch !== NONE) return this.#continue(request, usesIds)
    this.#end(this.#sessions.get(sessionId))
    const wishes = wishesOf(request)
    const session = sessionEpoch === FIRST ? this.#begin(wishes, usesIds) : undefined
    return { kind: 'full', session, wishes }
  }

  /** Ends a session that its client will not hear of. */
  abandon(session: FetchSession | undefined): void {
    this.#end(session)
  }

  #continue(request: FetchRequest, usesIds: boolean): FetchPlan {
    const session = this.#sessions.get(request.sessionId)
    if (!session) return { kind: 'refused', errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND }
    if (session.epoch !== request.sessionEpoch) {
      return { kind: 'refused', errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH }
    }
    if (session.usesIds !== usesIds) return { kind: 'refused', errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR }
    session.advance()
    this.#touch(session)
    const before = session.size
    session.want(wishesOf(request))
    for (const topic of request.forgottenTopicsData) session.forget(topic)
    this.#partitions += session.size - before
    if (this.#partitions > this.#limits.partitions) {
      // The client begins anew, and goes on without a session.
      this.#end(session)
      return { kind: 'refused', errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND }
    }
    return { kind: 'incremental', session, wishes: session.wishes }
  }

  /** Undefined where there is no room: declining a session is always legal. */
  #begin(wishes: readonly FetchWish[], usesIds: boolean): FetchSession | undefined {
    if (!this.#makeRoom(wishes.length)) return undefined
    const session = new FetchSession(this.#newId(), usesIds)
    session.want(wishes)
    this.#touch(session)
    this.#partitions += session.size
    return session
  }

  #makeRoom(partitions: number): boolean {
    const { slots, partitions: most } = this.#limits
    while (this.#sessions.size >= slots || this.#partitions + partitions > most) {
      const [oldest] = this.#sessions.values()
      if (!oldest || this.#clock.monotonic() - oldest.lastUsed < EVICTABLE_AFTER_MS) return false
      this.#end(oldest)
    }
    return true
  }

  #end(session: FetchSession | undefined): void {
    if (session && this.#sessions.delete(session.id)) this.#partitions -= session.size
  }

  #touch(session: FetchSession): void {
    session.lastUsed = this.#clock.monotonic()
    this.#sessions.delete(session.id)
    this.#sessions.set(session.id, session)
  }

  #newId(): number {
    for (;;) {
      const id = 1 + Math.floor(this.#random.next() * 2_147_483_646)
      if (!this.#sessions.has(id)) return id
    }
  }
}
