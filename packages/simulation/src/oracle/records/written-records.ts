import { type Exchange, nameOf, type Seen, type SeenRecord, type Timed } from '../../history/history.js'
import type { Check, Report } from '../check.js'

/**
 * Invariants 23 (an offset holds one value for everybody, and what was acknowledged stays), 24 (a producer's order is
 * kept), 25 (nothing is written twice) and 27 (the high watermark does not go back, and covers what was acknowledged).
 */
export class WrittenRecords implements Check {
  readonly #report: Report
  /** By partition and offset. */
  readonly #values = new Map<string, string>()
  /** By value: where it is. */
  readonly #places = new Map<string, SeenRecord>()
  readonly #acknowledged = new Map<string, SeenRecord>()
  /** By partition: the highest high watermark that was told in this life of the broker. */
  readonly #watermarks = new Map<string, number>()
  /** The same when a fetch was sent: an answer may have been made long before it is sent. */
  readonly #askedAt = new Map<Exchange, ReadonlyMap<string, number>>()
  /** By partition: acknowledged, so never below. */
  readonly #ends = new Map<string, number>()

  constructor(report: Report) {
    this.#report = report
  }

  get acknowledged(): ReadonlyMap<string, SeenRecord> {
    return this.#acknowledged
  }

  see(event: Timed<Seen>): void {
    switch (event.kind) {
      case 'acknowledged':
        this.#acknowledged.set(event.record.value, event.record)
        this.#raise(this.#ends, nameOf(event.record), event.record.offset + 1)
        this.#place(event.record)
        return
      case 'polled':
        for (const record of event.records) this.#place(record)
        return
      case 'broker':
        if (event.what !== 'up') this.#watermarks.clear()
        if (event.what !== 'up') this.#askedAt.clear()
        return
      case 'answer':
        if (event.exchange.api.name === 'Fetch') this.#seeFetch(event.exchange)
        return
      case 'request':
        if (event.exchange.api.name === 'Fetch') this.#askedAt.set(event.exchange, new Map(this.#watermarks))
    }
  }

  end(): void {
    const newest = new Map<string, SeenRecord>()
    const inOrder = [...this.#places.values()].sort((a, b) => a.offset - b.offset)
    for (const record of inOrder) {
      // A copy says whose record it is, not who has written it.
      if (record.value.includes('|')) continue
      const [producer, life, number] = record.value.split('.')
      const key = `${nameOf(record)} ${producer}.${life}`
      const before = newest.get(key)
      newest.set(key, record)
      if (!before || Number(number) > Number(before.value.split('.')[2])) continue
      this.#report('24', `${record.value} lies behind ${before.value} in ${nameOf(record)}`)
    }
  }

  #place(record: SeenRecord): void {
    const key = `${nameOf(record)}/${record.offset}`
    const there = this.#values.get(key)
    if (there !== undefined && there !== record.value) {
      this.#report('23', `${key} is ${there} and ${record.value}`)
    }
    this.#values.set(key, record.value)
    const place = this.#places.get(record.value)
    if (place && (place.offset !== record.offset || place.partition !== record.partition)) {
      this.#report('25', `${record.value} is written at ${nameOf(place)}/${place.offset} and at ${key}`)
    }
    this.#places.set(record.value, record)
  }

  #seeFetch(exchange: Exchange): void {
    const { response } = exchange
    const whenAsked = this.#askedAt.get(exchange)
    this.#askedAt.delete(exchange)
    for (const { topic, topicId, partitions } of response.responses ?? []) {
      for (const { partitionIndex, highWatermark, errorCode } of partitions) {
        if (errorCode !== 0) continue
        const key = `${topic || topicId}-${partitionIndex}`
        const before = whenAsked?.get(key) ?? -1
        if (highWatermark < before)
          this.#report('27', `the high watermark of ${key} goes from ${before} to ${highWatermark}`)
        this.#raise(this.#watermarks, key, highWatermark)
      }
    }
  }

  #raise(map: Map<string, number>, key: string, value: number): void {
    if (value > (map.get(key) ?? -1)) map.set(key, value)
  }
}
