// Hot path: response bytes land here and are never copied again but for the head of a frame that outgrows its chunk.
// Straight into the frame: 4,110 MB/s against 589 with a concat per chunk (DESIGN.md §5). Chunks are never reused: what
// was handed out belongs to its reader.

const chunkSize = 64 * 1024
/** A new chunk is taken when less room is left; below this reads become needlessly small. */
const minRoom = 4 * 1024
/** Frames up to this size share chunks; larger ones get a buffer of their own. */
const sharedFrameLimit = 16 * 1024
/** An announced size is only believed up to here: of a larger frame, memory grows with what has come. */
const trustedSize = 1024 * 1024

/** A size that no frame may have. */
export class FrameSizeError extends RangeError {
  readonly size: number

  constructor(size: number) {
    super(`a frame of ${size} bytes was announced`)
    this.size = size
  }
}

/** Cuts a byte stream into frames: int32 size, then so many bytes (data-plane §1.1). */
export class FrameReader {
  readonly #maxFrameBytes: number
  readonly #onFrame: (frame: Buffer) => void
  #chunk = Buffer.allocUnsafeSlow(chunkSize)
  #start = 0
  #end = 0
  #frame: Buffer | null = null
  #frameSize = 0
  #filled = 0

  constructor(maxFrameBytes: number, onFrame: (frame: Buffer) => void) {
    this.#maxFrameBytes = maxFrameBytes
    this.#onFrame = onFrame
  }

  /** Where the next bytes shall be put. */
  target(): Uint8Array {
    if (this.#frame) return this.#frame.subarray(this.#filled)
    return this.#chunk.subarray(this.#end)
  }

  /** Takes `count` bytes at the start of the last target. Throws FrameSizeError on a size that no frame may have. */
  received(count: number): void {
    if (!this.#frame) {
      this.#end += count
      this.#cutFrames()
      return
    }
    this.#filled += count
    if (this.#filled < this.#frameSize) {
      if (this.#filled === this.#frame.length) this.#growFrame(this.#frame)
      return
    }
    const frame = this.#frame
    this.#frame = null
    this.#onFrame(frame)
  }

  /** Each byte is copied once more at most, all in all: every time there is four times the room. */
  #growFrame(full: Buffer): void {
    this.#frame = Buffer.allocUnsafeSlow(Math.min(this.#frameSize, full.length * 4))
    full.copy(this.#frame)
  }

  #cutFrames(): void {
    for (;;) {
      const available = this.#end - this.#start
      if (available < 4) break
      const size = this.#chunk.readInt32BE(this.#start)
      if (size < 0 || size > this.#maxFrameBytes) throw new FrameSizeError(size)
      if (available - 4 < size) {
        if (size > sharedFrameLimit) this.#beginLargeFrame(size)
        else if (this.#start + 4 + size > this.#chunk.length) this.#renewChunk()
        break
      }
      const from = this.#start + 4
      this.#start = from + size
      this.#onFrame(this.#chunk.subarray(from, this.#start))
    }
    if (!this.#frame && this.#chunk.length - this.#end < minRoom) this.#renewChunk()
  }

  #beginLargeFrame(size: number): void {
    this.#frameSize = size
    this.#frame = Buffer.allocUnsafeSlow(Math.min(size, trustedSize))
    this.#filled = this.#chunk.copy(this.#frame, 0, this.#start + 4, this.#end)
    this.#renewChunk()
  }

  /** Continues in a fresh chunk with the bytes that no frame has taken yet. */
  #renewChunk(): void {
    const rest = this.#frame ? 0 : this.#end - this.#start
    const chunk = Buffer.allocUnsafeSlow(chunkSize)
    if (rest > 0) this.#chunk.copy(chunk, 0, this.#start, this.#end)
    this.#chunk = chunk
    this.#start = 0
    this.#end = rest
  }
}
