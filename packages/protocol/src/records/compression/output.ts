const FIRST_BYTES = 64 * 1024
/** Memory beyond this was for an unusual batch and is given back; 1 MiB of compressed records seldom holds more. */
const KEPT_BYTES = 8 * 1024 * 1024

/** Where the content of compressed records gathers, in memory that is used again for the next ones. */
export class Output {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #length = 0

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  }

  add(part: Uint8Array): void {
    const length = this.#length + part.length
    if (length > this.#bytes.length) this.#grow(length)
    this.#bytes.set(part, this.#length)
    this.#length = length
  }

  /** What was written so far: good until the next `clear`. */
  get content(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Whether these bytes lie here, where they will be written over. */
  holds(bytes: Buffer): boolean {
    return bytes.buffer === this.#bytes.buffer
  }

  #grow(least: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(least, this.#bytes.length * 2))
    grown.set(this.content)
    this.#bytes = grown
  }
}
