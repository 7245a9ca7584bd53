import type { ClientQuotaKey, QuotaKey } from './quota.js'
import type { Limit, QuotaClient, QuotaIndex } from './quota-index.js'
import { burstMs, type QuotaWindows, usualWindows } from './quota-window.js'
import { RateSensor } from './rate-sensor.js'
import { RecentlyUsed } from './recently-used.js'
import { TokenBucket } from './token-bucket.js'

/** What was counted so far. It outlives changes of quotas. */
export class QuotaCounts {
  readonly rates: RecentlyUsed<RateSensor>
  readonly buckets: RecentlyUsed<TokenBucket>
  /** How long what may be fetched at once may take to come, in ms. */
  readonly burstMs: number
  /** How often somebody had to wait because of a quota, and for how long in all. */
  readonly waits = new Map<QuotaKey, { count: number; ms: number }>()

  constructor({ rates, mutations }: QuotaWindows = usualWindows) {
    this.rates = new RecentlyUsed(() => new RateSensor(rates))
    this.buckets = new RecentlyUsed(() => new TokenBucket(mutations))
    this.burstMs = burstMs(rates)
  }

  waited(key: QuotaKey, ms: number): void {
    const { count, ms: before } = this.waits.get(key) ?? { count: 0, ms: 0 }
    this.waits.set(key, { count: count + 1, ms: before + ms })
  }
}

/** Quotas of users and client ids, as they count now. */
export class ClientQuotas {
  readonly #index: QuotaIndex
  readonly #counts: QuotaCounts

  constructor(index: QuotaIndex, counts: QuotaCounts) {
    this.#index = index
    this.#counts = counts
  }

  limitOf(key: ClientQuotaKey, client: QuotaClient): Limit | undefined {
    return this.#index.limitOf(key, client)
  }

  /** As much as the limit allows in all of the time that is looked at. */
  burstOf({ rate }: Limit): number {
    return (rate * this.#counts.burstMs) / 1000
  }

  rate({ count }: Limit, now: number): RateSensor {
    return this.#counts.rates.of(count, now)
  }

  bucket({ count }: Limit, now: number): TokenBucket {
    return this.#counts.buckets.of(count, now)
  }

  waited(key: ClientQuotaKey, ms: number): void {
    this.#counts.waited(key, ms)
  }
}

/** Quotas of addresses, as they count now. */
export class AddressQuotas {
  readonly #index: QuotaIndex
  readonly #counts: QuotaCounts

  constructor(index: QuotaIndex, counts: QuotaCounts) {
    this.#index = index
    this.#counts = counts
  }

  /** Counts a connection from the address; above its quota it is not counted, and this is how long it has to wait, in ms. */
  connect(address: string, now: number): number {
    const rate = this.#index.addressRate(address)
    if (rate === undefined) return 0
    const sensor = this.#counts.rates.of(`ip ${address}`, now)
    const delayMs = sensor.delayMs(rate, now, 1)
    if (delayMs === 0) {
      sensor.record(1, now)
      return 0
    }
    const heldMs = Math.min(delayMs, mostConnectionDelayMs)
    this.#counts.waited('connection_creation_rate', heldMs)
    return heldMs
  }
}

const mostConnectionDelayMs = 1000
