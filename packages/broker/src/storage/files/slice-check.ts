// Hot path: the bytes of every large answer pass here.
import { BATCH_HEADER_SIZE, batchNextOffset, batchSize } from '@rivven/protocol'
import { type Expectation, isPossibleBatch } from './segments/possible-batch.js'

/** Looks at the head of each batch in bytes that pass piece by piece: do they follow each other as they should? */
export class SliceCheck {
  readonly #place: Expectation
  /** Of the piece that comes next: where the next head begins in it. */
  #next = 0
  /** The beginning of a head whose end comes with the next piece. */
  readonly #head = Buffer.alloc(BATCH_HEADER_SIZE)
  #headBytes = 0

  constructor(place: Expectation) {
    this.#place = place
  }

  /** The slice may end here: between two batches. */
  get isBetween(): boolean {
    return this.#next === 0 && this.#headBytes === 0
  }

  /** False: what stands there cannot be batches that follow each other. */
  passes(piece: Uint8Array): boolean {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    let at = this.#next
    if (this.#headBytes > 0) {
      const taken = this.#takeHead(bytes, 0)
      if (this.#headBytes < BATCH_HEADER_SIZE) return true
      this.#headBytes = 0
      if (!this.#isPossible(this.#head, 0)) return false
      at = batchSize(this.#head) - (BATCH_HEADER_SIZE - taken)
    }
    while (at + BATCH_HEADER_SIZE <= bytes.length) {
      if (!this.#isPossible(bytes, at)) return false
      at += batchSize(bytes, at)
    }
    this.#next = Math.max(0, at - bytes.length)
    if (at < bytes.length) this.#takeHead(bytes, at)
    return true
  }

  /** How many bytes of it were there. */
  #takeHead(bytes: Buffer, at: number): number {
    const count = bytes.copy(this.#head, this.#headBytes, at)
    this.#headBytes += count
    return count
  }

  #isPossible(bytes: Buffer, at: number): boolean {
    if (!isPossibleBatch(bytes, at, batchSize(bytes, at), this.#place)) return false
    this.#place.expected = batchNextOffset(bytes, at)
    this.#place.isExact = false
    return true
  }
}
