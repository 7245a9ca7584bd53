import type { Consumer, ConsumerRecord, TopicPartition } from '@rivven/client'
import type { LookBudget } from './look-budget.js'

/** Offsets of a partition. */
export interface Range extends TopicPartition {
  readonly from: number
  /** Behind the last one. */
  readonly to: number
}

const pollMs = 100

/** Reads pieces of partitions, of all at once. */
export class RangeReader {
  readonly #consumer: Consumer
  readonly #budget: LookBudget
  readonly #open = new Map<string, Range>()

  constructor(consumer: Consumer, budget: LookBudget) {
    this.#consumer = consumer
    this.#budget = budget
  }

  /**
   * Uses the records of these ranges, those of a partition in order; `use` says whether that is enough of its partition. Returns what
   * the budget left unread.
   */
  async read(ranges: readonly Range[], use: (record: ConsumerRecord) => boolean): Promise<Range[]> {
    await this.#begin(ranges)
    while (this.#open.size > 0 && this.#budget.spent === undefined) {
      for (const record of await this.#consumer.poll(pollMs)) this.#see(record, use)
      // Behind the last records there may be markers, or nothing that compaction has left.
      for (const range of await this.#rest()) if (range.from >= range.to) this.#end(range)
    }
    return this.#rest()
  }

  async #begin(ranges: readonly Range[]): Promise<void> {
    this.#open.clear()
    for (const range of ranges) if (range.from < range.to) this.#open.set(keyOf(range), range)
    const places = [...this.#open.values()].map(placeOf)
    if (places.length === 0) return
    await this.#consumer.assign(places)
    for (const range of this.#open.values()) this.#consumer.seek({ ...placeOf(range), offset: range.from })
    this.#consumer.resume(places)
  }

  #see(record: ConsumerRecord, use: (record: ConsumerRecord) => boolean): void {
    const range = this.#open.get(keyOf(record))
    if (!range) return
    if (record.offset < range.to) {
      this.#budget.sees(record)
      if (!use(record)) return
    }
    this.#end(range)
  }

  #rest(): Promise<Range[]> {
    const ranges = [...this.#open.values()]
    return Promise.all(ranges.map(async (range) => ({ ...range, from: await this.#consumer.position(placeOf(range)) })))
  }

  #end(range: Range): void {
    this.#open.delete(keyOf(range))
    this.#consumer.pause([placeOf(range)])
  }
}

function placeOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
