// Hot path: every read that the tail does not answer passes here.
import { batchNextOffset } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'

/** Over all partitions. */
const MOST_BYTES = 33_554_432
/** So many readers of one partition may be at different places. */
const MOST_PLACES = 4
/** Who has not come back after so long reads elsewhere. */
const KEPT_MS = 10_000

/** Batches of one read, from an offset on, without a gap. */
export interface KeptBatches {
  readonly fromOffset: number
  readonly batches: readonly Buffer[]
  /** Bytes of memory that they keep: as a rule they lie in one piece with those that were read before them. */
  readonly held: number
}

interface Kept extends KeptBatches {
  readonly owner: object
  readonly since: number
}

/** What reads brought beyond what was asked for: whoever reads on there gets it from here, once. The oldest go when there is too much. */
export class ReadAhead {
  readonly #clock: Clock
  /** The oldest first. */
  readonly #all = new Set<Kept>()
  readonly #byOwner = new Map<object, Set<Kept>>()
  #bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get bytes(): number {
    return this.#bytes
  }

  keep(owner: object, batches: KeptBatches): void {
    if (batches.batches.length === 0) return
    const own = this.#byOwner.get(owner) ?? new Set()
    const [oldest] = own
    if (own.size >= MOST_PLACES && oldest) this.#drop(oldest)
    this.#byOwner.set(owner, own)
    const since = this.#clock.monotonic()
    const kept = { ...batches, owner, since }
    own.add(kept)
    this.#all.add(kept)
    this.#bytes += kept.held
    for (const one of this.#all) {
      if (this.#bytes <= MOST_BYTES && one.since >= since - KEPT_MS) break
      this.#drop(one)
    }
  }

  /** What is kept from an offset on; it is not any more. Undefined: nothing. */
  take(owner: object, offset: number): KeptBatches | undefined {
    for (const kept of this.#byOwner.get(owner) ?? []) {
      const { fromOffset, batches, held } = kept
      const end = batchNextOffset(batches.at(-1) as Buffer)
      if (offset < fromOffset || offset >= end) continue
      this.#drop(kept)
      const first = batches.findIndex((batch) => batchNextOffset(batch) > offset)
      return { fromOffset: offset, batches: batches.slice(first), held }
    }
    return undefined
  }

  forget(owner: object): void {
    for (const kept of this.#byOwner.get(owner) ?? []) this.#drop(kept)
  }

  #drop(kept: Kept): void {
    const own = this.#byOwner.get(kept.owner)
    own?.delete(kept)
    if (own?.size === 0) this.#byOwner.delete(kept.owner)
    if (this.#all.delete(kept)) this.#bytes -= kept.held
  }
}
