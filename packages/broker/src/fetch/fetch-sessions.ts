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

/** All fetch sessions of the broker (KIP-227). They live in memory only and end with it. */
export class FetchSessions {
  readonly #slots: number
  readonly #clock: Clock
  readonly #random: Random
  /** The one that was used longest ago comes first. */
  readonly #sessions = new Map<number, FetchSession>()

  constructor(slots: number, clock: Clock, random: Random) {
    this.#slots = slots
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
    if (sessionId !== 0) this.#sessions.delete(sessionId)
    const wishes = wishesOf(request)
    const session = sessionEpoch === FIRST ? this.#begin(wishes, usesIds) : undefined
    return { kind: 'full', session, wishes }
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
    session.want(wishesOf(request))
    for (const topic of request.forgottenTopicsData) session.forget(topic)
    return { kind: 'incremental', session, wishes: session.wishes }
  }

  /** Undefined where all slots are in use: declining a session is always legal. */
  #begin(wishes: readonly FetchWish[], usesIds: boolean): FetchSession | undefined {
    if (!this.#makeRoom()) return undefined
    const session = new FetchSession(this.#newId(), usesIds)
    session.want(wishes)
    this.#touch(session)
    return session
  }

  #makeRoom(): boolean {
    if (this.#sessions.size < this.#slots) return true
    const [oldest] = this.#sessions.values()
    if (!oldest || this.#clock.monotonic() - oldest.lastUsed < EVICTABLE_AFTER_MS) return false
    this.#sessions.delete(oldest.id)
    return true
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
