// Hot path: small frames are cut from a chunk that one read filled, large ones land in memory of their own without a copy
// (TCP 1 MiB frames: concat per chunk 589 MB/s, copy into the frame 1,676, read straight into it 4,110).
import { GrowingFrame } from './growing-frame.js'

/** A frame from here on has its own memory. */
const LARGE_FRAME = 32 * 1024
/** A frame gets memory as its bytes come, whatever it claims, */
const FIRST_SIZE = 64 * 1024
/** but at once as much as one that came whole before on its connection, up to what the usual largest batch and its request need. */
const TRUSTED_SIZE = 1280 * 1024
const SMALLEST_CHUNK = 4 * 1024
const LARGEST_CHUNK = 64 * 1024
/** A chunk with less room than this is left for a new one. */
const LEAST_ROOM = 512
const SIZE_BYTES = 4

const nothing = Buffer.alloc(0)

/** Why a connection cannot go on: its bytes are no frames. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/** Cuts a stream of bytes into frames. A frame is handed on without its size, in memory that nobody writes to again. */
export class FrameReader {
  /** Largest frame that is taken, in bytes: looked at when its size has come. */
  maxSize: number
  #isHeld = false
  readonly #take: (frame: Buffer) => void
  readonly #mayBegin: (size: number) => boolean
  #lacksRoom = false
  #chunk = nothing
  #chunkSize = SMALLEST_CHUNK
  /** Bytes of the chunk that frames have been cut from, and bytes that have come. */
  #start = 0
  #end = 0
  /** The large frame that is being read. */
  #large: GrowingFrame | undefined
  /** Frames were whole that were so large. */
  #trusted = FIRST_SIZE

  /** `mayBegin` is asked before memory is taken for a large frame. */
  constructor(maxSize: number, take: (frame: Buffer) => void, mayBegin: (size: number) => boolean = () => true) {
    this.maxSize = maxSize
    this.#take = take
    this.#mayBegin = mayBegin
  }

  /** Where the next bytes of the stream belong. */
  target(): Buffer {
    if (this.#large) return this.#large.target
    if (this.#chunk.length - this.#end < LEAST_ROOM)
      this.#renewChunk(this.#isHeld || this.#lacksRoom ? this.#end - this.#start : 0)
    return this.#end === 0 ? this.#chunk : this.#chunk.subarray(this.#end)
  }

  /** `count` bytes have come to the target. Throws FrameError when a size is out of limits. */
  received(count: number): void {
    if (this.#large) {
      this.#receivedLarge(this.#large, count)
      return
    }
    this.#end += count
    // A chunk that one read fills says that there is more to read at once.
    if (this.#end === this.#chunk.length && this.#chunkSize < LARGEST_CHUNK) this.#chunkSize *= 2
    this.#cutFrames()
  }

  /** Nothing more comes: memory of a frame that is not whole is for others. */
  close(): void {
    this.#large?.giveBack()
    this.#large = undefined
    this.#chunk = nothing
    this.#start = this.#end = 0
  }

  /** Hands no more frames on, and looks at no more sizes, until `release`: what comes is kept. The caller pauses the stream. */
  hold(): void {
    this.#isHeld = true
  }

  /** Goes on. Throws FrameError. */
  release(): void {
    this.#isHeld = false
    if (!this.#large) this.#cutFrames()
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  /** A large frame may not begin: the caller pauses the stream. */
  get lacksRoom(): boolean {
    return this.#lacksRoom
  }

  /** Asks again whether it may. Throws FrameError. */
  askForRoom(): void {
    this.#lacksRoom = false
    if (!this.#large) this.#cutFrames()
  }

  /** Memory that large frames have, the one that is being read and no other. */
  get largeBytes(): number {
    return this.#large?.room ?? 0
  }

  /** What has come of an unfinished frame; for the log line of a connection that ends. */
  get unfinishedBytes(): number {
    return this.#large ? this.#large.filled : this.#end - this.#start
  }

  #cutFrames(): void {
    while (!this.#isHeld && !this.#lacksRoom && this.#end - this.#start >= SIZE_BYTES) {
      const size = this.#chunk.readInt32BE(this.#start)
      if (size <= 0 || size > this.maxSize) throw new FrameError(`a frame of ${size} bytes${this.#lookOfFirstBytes()}`)
      const begin = this.#start + SIZE_BYTES
      if (this.#end - begin >= size) {
        this.#start = begin + size
        this.#take(this.#chunk.subarray(begin, begin + size))
      } else if (size >= LARGE_FRAME) {
        if (this.#mayBegin(size)) this.#beginLarge(size, begin)
        else this.#lacksRoom = true
        return
      } else {
        if (begin + size > this.#chunk.length) this.#renewChunk(SIZE_BYTES + size)
        return
      }
    }
  }

  /** Takes a new chunk with room for `least` bytes and moves the unfinished frame there: frames in the old one keep it. */
  #renewChunk(least: number): void {
    const chunk = Buffer.allocUnsafeSlow(Math.max(this.#chunkSize, least + LEAST_ROOM))
    this.#chunk.copy(chunk, 0, this.#start, this.#end)
    this.#chunk = chunk
    this.#end -= this.#start
    this.#start = 0
  }

  #beginLarge(size: number, begin: number): void {
    const large = new GrowingFrame(size, this.#trusted)
    for (let at = begin; at < this.#end; ) {
      const count = this.#chunk.copy(large.target, 0, at, this.#end)
      large.received(count)
      at += count
    }
    this.#large = large
    const noFrameIsInChunk = begin === SIZE_BYTES
    if (this.#chunk.length > SMALLEST_CHUNK || !noFrameIsInChunk) this.#chunk = nothing
    this.#chunkSize = SMALLEST_CHUNK
    this.#start = this.#end = 0
  }

  #receivedLarge(large: GrowingFrame, count: number): void {
    const frame = large.received(count)
    if (!frame) return
    this.#large = undefined
    this.#trusted = Math.min(Math.max(this.#trusted, frame.length), TRUSTED_SIZE)
    this.#take(frame)
  }

  #lookOfFirstBytes(): string {
    const first = this.#chunk.toString('latin1', this.#start, Math.min(this.#end, this.#start + 8))
    if (/^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|PRI) /.test(first)) return ': this looks like HTTP'
    if (first.startsWith('\u0016\u0003')) return ': this looks like TLS on a plain listener'
    if (/^(PROXY |\r\n\r\n)/.test(first)) return ': this looks like a PROXY header'
    return ''
  }
}
