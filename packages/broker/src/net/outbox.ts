// Hot path: answers of one turn go out with one call (one `write` each: 119,000 small answers/s; corked: 863,000).
import { type FrameChunk, isLater, type LaterBytes } from '@rivven/protocol'
import type { ByteStream } from '@rivven/runtime'
import { readBuffers } from '../read-buffers.js'

/** Answers that are smaller together are copied into one chunk: a chunk more costs more than the copy. */
const COPY_LIMIT = 16 * 1024
/** Chunks below it that follow each other are copied into some of at most so many bytes. */
const SMALL_BYTES = 4 * 1024
const PACKED_BYTES = 64 * 1024
/**
 * What is read later is read in pieces of so many bytes. Each costs two ways through threads: in pieces of 256 KiB an answer
 * of 6 MB took half as much CPU again as in pieces of 512 KiB, and with 1 MiB about as much as if it were read as a whole.
 */
const PIECE_BYTES = 768 * 1024
/** So many bytes at most are being read, or not yet taken by the operating system, at one time. */
const WINDOW_BYTES = 2 * PIECE_BYTES

export interface OutboxOwner {
  /** Something that was to be read later has left; there may be room for more. */
  progressed(): void
  /** An answer has begun and cannot be ended: nothing that follows would be understood. */
  failed(error: Error): void
  /** Bytes are on their way. */
  sent(bytes: number): void
}

/** What leaves a connection, in order. Bytes that are read later are read as the peer takes them. */
export class Outbox {
  readonly #stream: ByteStream
  readonly #owner: OutboxOwner
  #chunks: FrameChunk[] = []
  #bytes = 0
  /** How many of the chunks are to be read later. */
  #laterCount = 0
  #isFlushScheduled = false
  #isSendingLater = false
  /** Bytes of the one that is being sent that are not read yet. */
  #unread = 0
  /** Bytes that were read and not yet taken. */
  #window = 0
  #onRoom: (() => void) | undefined
  #isClosed = false
  #added = 0

  constructor(stream: ByteStream, owner: OutboxOwner) {
    this.#stream = stream
    this.#owner = owner
  }

  /** Bytes that the operating system has not taken yet, those to be read later included. */
  get unsent(): number {
    return this.#bytes + this.#unread + this.#stream.buffered
  }

  /** Bytes that the operating system has taken so far. */
  get taken(): number {
    return this.#added - this.unsent
  }

  /** Everything has been given to the stream. */
  get isEmpty(): boolean {
    return this.#chunks.length === 0 && !this.#isSendingLater
  }

  /** Sends chunks at the end of this turn, or with the next `flush`. */
  add(chunks: readonly FrameChunk[]): void {
    for (const chunk of chunks) this.#take(chunk)
    if (this.#isFlushScheduled) return
    this.#isFlushScheduled = true
    queueMicrotask(this.flush)
  }

  /** What is added from now on waits for `flush`. */
  holdBack(): void {
    this.#isFlushScheduled = true
  }

  readonly flush = (): void => {
    this.#isFlushScheduled = false
    if (this.#chunks.length === 0 || this.#isSendingLater) return
    if (this.#laterCount > 0) {
      void this.#sendWithLater()
      return
    }
    const chunks = this.#chunks as Buffer[]
    this.#chunks = []
    this.#write(chunks)
  }

  /** Nothing more can be sent. */
  close(): void {
    this.#isClosed = true
    for (const chunk of this.#chunks) letGo(chunk)
    this.#chunks = []
    this.#bytes = 0
    this.#laterCount = 0
    this.#onRoom?.()
  }

  #take(chunk: FrameChunk): void {
    if (this.#isClosed) {
      letGo(chunk)
      return
    }
    if (isLater(chunk)) this.#laterCount += 1
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    this.#added += chunk.length
  }

  #write(chunks: readonly Buffer[]): void {
    let bytes = 0
    for (const chunk of chunks) bytes += chunk.length
    this.#bytes -= bytes
    this.#owner.sent(bytes)
    if (chunks.length > 1 && bytes <= COPY_LIMIT) {
      this.#stream.write([Buffer.concat(chunks, bytes)])
      return
    }
    const packed = packSmall(chunks)
    this.#stream.write(packed, packed.some(isLent) ? () => packed.forEach(giveBack) : undefined)
  }

  async #sendWithLater(): Promise<void> {
    this.#isSendingLater = true
    try {
      while (this.#laterCount > 0) {
        const ready = this.#chunks.splice(0, this.#chunks.findIndex(isLater)) as Buffer[]
        if (ready.length > 0) this.#write(ready)
        const later = this.#chunks.shift() as LaterBytes
        this.#laterCount -= 1
        this.#bytes -= later.length
        await this.#sendLater(later)
      }
    } catch (error) {
      this.#owner.failed(error as Error)
    }
    this.#isSendingLater = false
    this.flush()
    this.#owner.progressed()
  }

  /** The next piece is read while the one before is sent. */
  async #sendLater(later: LaterBytes): Promise<void> {
    this.#unread = later.length
    let next = this.#readPiece(later)
    try {
      for (let piece = await next; piece && !this.#isClosed; piece = await next) {
        this.#unread -= piece.length
        next = this.#readPiece(later)
        this.#writePiece(piece)
      }
    } finally {
      this.#unread = 0
      await next.catch(() => undefined)
      later.release()
    }
  }

  /** Undefined at the end. */
  async #readPiece(later: LaterBytes): Promise<Buffer | undefined> {
    const size = Math.min(PIECE_BYTES, this.#unread)
    if (size === 0) return undefined
    const position = later.length - this.#unread
    while (this.#window + size > WINDOW_BYTES && !this.#isClosed) await this.#room()
    if (this.#isClosed) return undefined
    const piece = readBuffers.take(size)
    this.#window += size
    try {
      await later.read(position, piece)
    } catch (error) {
      this.#giveBack(piece)
      throw error
    }
    return piece
  }

  #writePiece(piece: Buffer): void {
    this.#owner.sent(piece.length)
    this.#stream.write([piece], () => this.#giveBack(piece))
  }

  #giveBack(piece: Buffer): void {
    readBuffers.giveBack(piece)
    this.#window -= piece.length
    this.#onRoom?.()
  }

  /** Resolves when the peer has taken some of what was read, or is gone. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = () => {
        this.#onRoom = undefined
        resolve()
      }
    })
  }
}

/**
 * Chunks in their order, small ones that follow each other copied into one. A peer that does not read its answers keeps what they
 * lie in: by themselves three times as much as they have bytes.
 */
function packSmall(chunks: readonly Buffer[]): readonly Buffer[] {
  if (chunks.length < 3) return chunks
  const packed: Buffer[] = []
  for (let at = 0; at < chunks.length; ) {
    const end = endOfSmall(chunks, at)
    if (end - at < 2) packed.push(chunks[at++] as Buffer)
    else packed.push(inOneChunk(chunks.slice(at, end)))
    at = Math.max(at, end)
  }
  return packed
}

/** Behind the small chunks from `start` on that make one packed chunk. */
function endOfSmall(chunks: readonly Buffer[], start: number): number {
  let bytes = 0
  let at = start
  for (; at < chunks.length; at++) {
    const { length } = chunks[at] as Buffer
    if (length >= SMALL_BYTES || bytes + length > PACKED_BYTES) break
    bytes += length
  }
  return at
}

function inOneChunk(chunks: readonly Buffer[]): Buffer {
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0)
  if (bytes <= COPY_LIMIT) return Buffer.concat(chunks, bytes)
  const one = readBuffers.take(bytes)
  let at = 0
  for (const chunk of chunks) at += chunk.copy(one, at)
  return one
}

const isLent = (chunk: Buffer): boolean => readBuffers.isLent(chunk)
const giveBack = (chunk: Buffer): void => readBuffers.giveBack(chunk)

/** It will not be sent. */
function letGo(chunk: FrameChunk): void {
  if (isLater(chunk)) chunk.release()
  else giveBack(chunk)
}
