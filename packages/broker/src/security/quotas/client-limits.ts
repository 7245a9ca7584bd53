import type { ClientQuotas } from './client-quotas.js'
import type { Limit, QuotaClient } from './quota-index.js'
import type { RateSensor } from './rate-sensor.js'

/** For so long a count is used without being looked up: those that nobody uses are told by when they were. */
const REMEMBERED_MS = 1000

/** What quotas leave one client, kept from request to request: putting names together and looking them up took 1 µs each time. */
export class ClientLimits {
  readonly produced: CountedLimit | undefined
  readonly fetched: CountedLimit | undefined
  readonly worked: CountedLimit | undefined
  readonly quotas: ClientQuotas
  readonly client: QuotaClient

  constructor(quotas: ClientQuotas, client: QuotaClient) {
    this.quotas = quotas
    this.client = client
    this.produced = countedLimit(quotas, quotas.limitOf('producer_byte_rate', client))
    this.fetched = countedLimit(quotas, quotas.limitOf('consumer_byte_rate', client))
    this.worked = countedLimit(quotas, quotas.limitOf('request_percentage', client))
  }

  /** Every change of quotas makes others. */
  areOf(quotas: ClientQuotas, { user, clientId }: QuotaClient): boolean {
    return this.quotas === quotas && this.client.clientId === clientId && this.client.user === user
  }
}

function countedLimit(quotas: ClientQuotas, limit: Limit | undefined): CountedLimit | undefined {
  return limit && new CountedLimit(quotas, limit)
}

/** A limit, and what was counted for it, by whomever it is shared. */
export class CountedLimit {
  readonly #quotas: ClientQuotas
  readonly #limit: Limit
  #sensor: RateSensor | undefined
  #lookedUpAt = 0

  constructor(quotas: ClientQuotas, limit: Limit) {
    this.#quotas = quotas
    this.#limit = limit
  }

  /** As much as it allows in all of the time that is looked at. */
  get burst(): number {
    return this.#quotas.burstOf(this.#limit)
  }

  record(amount: number, now: number): void {
    this.#sensorAt(now).record(amount, now)
  }

  /** Has nothing been counted lately? */
  isEmpty(now: number): boolean {
    return this.#sensorAt(now).isEmpty(now)
  }

  /** How long nothing may come, in ms, if `more` comes now. */
  delayMs(now: number, more = 0): number {
    return this.#sensorAt(now).delayMs(this.#limit.rate, now, more)
  }

  #sensorAt(now: number): RateSensor {
    if (this.#sensor && now - this.#lookedUpAt < REMEMBERED_MS) return this.#sensor
    this.#sensor = this.#quotas.rate(this.#limit, now)
    this.#lookedUpAt = now
    return this.#sensor
  }
}
