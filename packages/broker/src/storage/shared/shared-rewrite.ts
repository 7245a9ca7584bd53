import { batchBaseOffset, batchLastOffset, batchMaxTimestamp } from '@rivven/protocol'
import type { NewBatch, SegmentPlace } from '../../database/log-tables.js'
import type { SegmentRewrite } from '../storage.js'
import { SharedSegment } from './shared-segment.js'

/** Written with one call. */
const GATHERED_BYTES = 1_048_576

export interface RewriteOwner {
  write(place: SegmentPlace, batches: readonly NewBatch[]): Promise<void>
  /** In the place of all segments between the ends of this one. */
  swapIn(segment: SharedSegment): Promise<void>
}

export interface RewriteRange {
  readonly fromOffset: number
  readonly toOffset: number
  readonly now: number
}

/** A segment that takes the place of others. Nobody sees it before it is swapped in; without that its data go by themselves. */
export class SharedRewrite implements SegmentRewrite {
  readonly #owner: RewriteOwner
  readonly #segment: SharedSegment
  readonly #toOffset: number
  #gathered: NewBatch[] = []
  #gatheredBytes = 0

  constructor(owner: RewriteOwner, place: SegmentPlace, { fromOffset, toOffset, now }: RewriteRange) {
    this.#owner = owner
    this.#segment = new SharedSegment(fromOffset, now)
    this.#segment.place = place
    this.#toOffset = toOffset
  }

  async add(batch: Buffer): Promise<void> {
    this.#segment.note(batch, batch.length)
    const baseOffset = batchBaseOffset(batch)
    const maxTimestamp = batchMaxTimestamp(batch)
    // What was read may be read again before this is written.
    const payload = Buffer.from(batch)
    this.#gathered.push({ baseOffset, lastOffset: batchLastOffset(batch), maxTimestamp, payload })
    this.#gatheredBytes += batch.length
    if (this.#gatheredBytes >= GATHERED_BYTES) await this.#write()
  }

  async commit(): Promise<void> {
    await this.#write()
    const segment = this.#segment
    segment.nextOffset = this.#toOffset
    segment.notedOffset = this.#toOffset
    await this.#owner.swapIn(segment)
  }

  async abandon(): Promise<void> {
    this.#gathered = []
  }

  async #write(): Promise<void> {
    const batches = this.#gathered
    this.#gathered = []
    this.#gatheredBytes = 0
    if (batches.length > 0) await this.#owner.write(this.#segment.place!, batches)
  }
}
