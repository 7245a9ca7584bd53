import type { ClientQuotas } from './client-quotas.js'
import type { ClientQuotaKey } from './quota.js'
import type { Limit, QuotaClient } from './quota-index.js'

/** As long as a field of an answer, and a timer, can say. */
const mostMs = 2 ** 31 - 1
/** The time of the event loop is missed by others only while it is being taken. */
const mostRequestMs = 1000

/** One request under quotas: what it counts for, and for how long its connection has to be silent because of it (KIP-219). */
export class RequestThrottle {
  readonly #quotas: ClientQuotas
  readonly #client: QuotaClient
  readonly #now: () => number
  #delayMs = 0
  #isExempt = false
  #until = 0

  /** `now`: the monotonic time, in ms. */
  constructor(quotas: ClientQuotas, client: QuotaClient, now: () => number) {
    this.#quotas = quotas
    this.#client = client
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

  /** Bytes to be stored have come. */
  produced(bytes: number): void {
    const limit = this.#limitOf('producer_byte_rate')
    if (!limit) return
    const now = this.#now()
    const sensor = this.#quotas.rate(limit, now)
    sensor.record(bytes, now)
    this.#wait('producer_byte_rate', sensor.delayMs(limit.rate, now), now)
  }

  /** No answer may have more bytes of records. */
  get mostFetched(): number {
    const limit = this.#limitOf('consumer_byte_rate')
    return limit ? Math.max(1, Math.floor(this.#quotas.burstOf(limit))) : Number.POSITIVE_INFINITY
  }

  /**
   * May so many bytes of records be sent now? If not they are not counted: they are sent another time. Who was sent nothing
   * lately may have them in any case: one batch may be larger than all that a quota allows in the time that is looked at.
   */
  mayFetch(bytes: number): boolean {
    const limit = this.#limitOf('consumer_byte_rate')
    if (!limit) return true
    const now = this.#now()
    const sensor = this.#quotas.rate(limit, now)
    const delayMs = sensor.delayMs(limit.rate, now, bytes)
    const mayBeSent = delayMs === 0 || sensor.isEmpty(now)
    this.#wait('consumer_byte_rate', delayMs, now)
    if (mayBeSent) sensor.record(bytes, now)
    return mayBeSent
  }

  /** The request kept the event loop busy for so long. */
  worked(ms: number): void {
    const limit = this.#limitOf('request_percentage')
    if (!limit) return
    const now = this.#now()
    const sensor = this.#quotas.rate(limit, now)
    sensor.record(ms / 10, now)
    this.#wait('request_percentage', Math.min(sensor.delayMs(limit.rate, now), mostRequestMs), now)
  }

  /** May so many partitions be made or removed? Clients that would not understand a refusal always may, and wait then. */
  mayMutate(partitions: number, { isRefusable }: { isRefusable: boolean }): boolean {
    const limit = this.#limitOf('controller_mutation_rate')
    if (!limit) return true
    const now = this.#now()
    const bucket = this.#quotas.bucket(limit, now)
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

  #limitOf(key: ClientQuotaKey): Limit | undefined {
    return this.#isExempt ? undefined : this.#quotas.limitOf(key, this.#client)
  }

  #wait(key: ClientQuotaKey, delayMs: number, now: number): void {
    if (delayMs === 0) return
    const ms = Math.min(delayMs, mostMs)
    this.#delayMs = Math.max(this.#delayMs, ms)
    this.#until = Math.max(this.#until, now + ms)
    this.#quotas.waited(key, ms)
  }
}
