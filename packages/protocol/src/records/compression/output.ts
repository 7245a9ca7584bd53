import { freeMemory } from '../../free-memory.js'

const FIRST_BYTES = 64 * 1024
/** Memory beyond this is for an unusual batch and goes with its content; 1 MiB of compressed records seldom holds more. */
const KEPT_BYTES = 8 * 1024 * 1024
/** The most that is taken in one piece before anybody knows that so much comes. */
const LARGEST_BYTES = 128 * 1024 * 1024

/** Where the content of compressed records gathers, in memory that is used again for the next ones. */
export class Output {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #length = 0
  #maxBytes = 0

  /** Forgets what was written. What comes next has at most `maxBytes`. */
  clear(maxBytes = 0): void {
    this.#length = 0
    this.#maxBytes = Math.min(maxBytes, LARGEST_BYTES)
    if (this.#isLarge) this.#replace(Buffer.allocUnsafeSlow(FIRST_BYTES))
  }

  add(part: Uint8Array): void {
    const length = this.#length + part.length
    if (length > this.#bytes.length) this.#grow(length)
    this.#bytes.set(part, this.#length)
    this.#length = length
  }

  /** What was written: good until the next `clear`, or for good where it is large: nobody knows when the next one comes. */
  finish(): Buffer {
    const content = this.#bytes.subarray(0, this.#length)
    if (this.#isLarge) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
    return content
  }

  /** Whether what is written next is written to this memory. */
  liesIn(memory: ArrayBufferLike): boolean {
    return memory === this.#bytes.buffer
  }

  #grow(least: number): void {
    const doubled = this.#bytes.length * 2
    // What is unusual gets all that it may have: memory that is not written to costs nothing, a copy into more costs it twice.
    const grown = Buffer.allocUnsafeSlow(Math.max(least, doubled, doubled > KEPT_BYTES ? this.#maxBytes : 0))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#replace(grown)
  }

  /** What it had was shown to nobody, or nobody may look at it any more. */
  #replace(bytes: Buffer): void {
    freeMemory(this.#bytes.buffer)
    this.#bytes = bytes
  }

  get #isLarge(): boolean {
    return this.#bytes.length > KEPT_BYTES
  }
}
