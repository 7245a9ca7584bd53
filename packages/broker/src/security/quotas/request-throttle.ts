import type { ClientLimits } from './client-limits.js'
import type { ClientQuotaKey } from './quota.js'

/** As long as a field of an answer, and a timer, can say. */
const mostMs = 2 ** 31 - 1
/** The time of the event loop is missed by others only while it is being taken. */
const mostRequestMs = 1000

/** One request under quotas: what it counts for, and for how long its connection has to be silent because of it (KIP-219). */
export class RequestThrottle {
  readonly #limits: ClientLimits
  readonly #now: () => number
  #delayMs = 0
  #isExempt = false
  #until = 0

  /** `now`: the monotonic time, in ms. */
  constructor(limits: ClientLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** The longest wait that any of its quotas asks for, in ms. */
  get delayMs(): number {
    return this.#delayMs
  }

  /** When that has passed, as a monotonic time. */
  get until(): number {
    return this.#until
  }

  /** A broker that copies asks: it is under no quota of clients. */
  exempt(): void {
    this.#isExempt = true
  }

  /** Bytes to be stored have come at this time. */
  produced(bytes: number, now: number): void {
    const limit = this.#limits.produced
    if (!limit) return
    limit.record(bytes, now)
    this.#wait('producer_byte_rate', limit.delayMs(now), now)
  }

  /** No answer may have more bytes of records. */
  get mostFetched(): number {
    const limit = this.#isExempt ? undefined : this.#limits.fetched
    return limit ? Math.max(1, Math.floor(limit.burst)) : Number.POSITIVE_INFINITY
  }

  /**
   * May so many bytes of records be sent now? If not they are not counted: they are sent another time. Who was sent nothing
   * lately may have them in any case: one batch may be larger than all that a quota allows in the time that is looked at.
   */
  mayFetch(bytes: number): boolean {
    const limit = this.#isExempt ? undefined : this.#limits.fetched
    if (!limit) return true
    const now = this.#now()
    const delayMs = limit.delayMs(now, bytes)
    const mayBeSent = delayMs === 0 || limit.isEmpty(now)
    this.#wait('consumer_byte_rate', delayMs, now)
    if (mayBeSent) limit.record(bytes, now)
    return mayBeSent
  }

  /** The request has kept the event loop busy since then. */
  worked(since: number): void {
    const limit = this.#isExempt ? undefined : this.#limits.worked
    if (!limit) return
    const now = this.#now()
    limit.record((now - since) / 10, now)
    this.#wait('request_percentage', Math.min(limit.delayMs(now), mostRequestMs), now)
  }

  /** May so many partitions be made or removed? Clients that would not understand a refusal always may, and wait then. */
  mayMutate(partitions: number, { isRefusable }: { isRefusable: boolean }): boolean {
    const { quotas, client } = this.#limits
    const limit = quotas.limitOf('controller_mutation_rate', client)
    if (!limit) return true
    const now = this.#now()
    const bucket = quotas.bucket(limit, now)
    const isTaken = isRefusable && bucket.take(partitions, limit.rate, now)
    if (isTaken) return true
    if (!isRefusable) bucket.owe(partitions, limit.rate, now)
    this.#wait('controller_mutation_rate', bucket.delayMs(limit.rate, now), now)
    return !isRefusable
  }

  /** The answer, which tells of the wait. Null: there is none. */
  told(answer: unknown): unknown {
    if (answer === null || this.#delayMs === 0) return answer
    return { ...(answer as object), throttleTimeMs: Math.ceil(this.#delayMs) }
  }

  #wait(key: ClientQuotaKey, delayMs: number, now: number): void {
    if (delayMs === 0) return
    const ms = Math.min(delayMs, mostMs)
    this.#delayMs = Math.max(this.#delayMs, ms)
    this.#until = Math.max(this.#until, now + ms)
    this.#limits.quotas.waited(key, ms)
  }
}
