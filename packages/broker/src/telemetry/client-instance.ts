import { ErrorCode } from '@rivven/protocol'
import type { Figure } from './asked-metrics.js'
import { RecentValues } from './recent-values.js'

/** How often clients push; the first time after half of it to one and a half, as each decides by chance. */
export const PUSH_INTERVAL_MS = 60_000

/** A client that tells of itself, by the id that it was given: when it may do so, and what it has told. Times are monotonic. */
export class ClientInstance {
  readonly subscriptionId: number
  readonly figures = new Map<Figure, RecentValues>()
  /** Whose figures they are. */
  member: { readonly groupId: string; readonly memberId: string } | undefined
  heardAt: number
  #askedAt = Number.NEGATIVE_INFINITY
  #pushedAt = Number.NEGATIVE_INFINITY
  #isEnding = false
  #mayAskAtOnce = false

  constructor(subscriptionId: number, now: number) {
    this.subscriptionId = subscriptionId
    this.heardAt = now
  }

  /** An error: it asks before its time. */
  ask(now: number): number {
    this.heardAt = now
    const isTime = now - Math.max(this.#askedAt, this.#pushedAt) >= PUSH_INTERVAL_MS
    if (!isTime && !this.#mayAskAtOnce) return ErrorCode.THROTTLING_QUOTA_EXCEEDED
    this.#askedAt = now
    this.#mayAskAtOnce = false
    return ErrorCode.NONE
  }

  /** An error: it pushes before its time, after its end, or what it was not asked for. The first push after a question may come early. */
  push(subscriptionId: number, isLast: boolean, now: number): number {
    this.heardAt = now
    if (this.#isEnding) return ErrorCode.INVALID_REQUEST
    const isTime = this.#askedAt > this.#pushedAt || now - this.#pushedAt >= PUSH_INTERVAL_MS
    if (!isTime && !isLast) return ErrorCode.THROTTLING_QUOTA_EXCEEDED
    if (isTime) this.#pushedAt = now
    if (subscriptionId !== this.subscriptionId) {
      this.#mayAskAtOnce = true
      return ErrorCode.UNKNOWN_SUBSCRIPTION_ID
    }
    this.#isEnding = isLast
    return ErrorCode.NONE
  }

  /** NaN means that the client has none. */
  tell(figure: Figure, value: number, now: number): void {
    if (!Number.isFinite(value)) return
    const known = this.figures.get(figure)
    if (known) known.add(value, now)
    else this.figures.set(figure, new RecentValues(value, now))
  }
}
