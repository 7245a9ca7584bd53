// Hot path: answers of one turn go out with one call (one `write` each: 119,000 small answers/s; corked: 863,000).
import type { ByteStream, Timer } from '@rivven/runtime'
import type { Logger } from 'pino'
import { readBuffers } from '../read-buffers.js'
import { FrameError, FrameReader } from './frame-reader.js'
import { type Ending, type PipelineConnection, type PipelineHost, RequestPipeline } from './request-pipeline.js'

/** Beyond this the connection is neither read nor are its requests begun, until the peer has read answers. */
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024
/** Answers that are smaller together are copied into one chunk: a chunk more costs more than the copy. */
const COPY_LIMIT = 16 * 1024
/** How long requests under way, or a peer that does not read, may hold up the end of a connection. */
const END_WITHIN_MS = 1_000

/** What all connections of a listener share. */
export interface ConnectionHost extends PipelineHost {
  onClosed(connection: Connection): void
}

/** One client: its bytes in, its answers out, its end. What happens to requests in between: request-pipeline.ts. */
export class Connection implements PipelineConnection {
  /** The peer as Java prints it. */
  readonly clientHost: string
  closed = false
  readonly #stream: ByteStream
  readonly #host: ConnectionHost
  readonly #log: Logger
  readonly #frames: FrameReader
  readonly #pipeline: RequestPipeline
  readonly #closeListeners = new Set<() => void>()
  #out: Buffer[] = []
  #outBytes = 0
  #isFlushScheduled = false
  #isPaused = false
  /** Nothing more is read; the connection ends when what is under way is answered. */
  #isEnding = false
  #endTimer: Timer | undefined

  constructor(stream: ByteStream, host: ConnectionHost) {
    this.#stream = stream
    this.#host = host
    this.#log = host.services.log
    this.clientHost = `/${stream.remote.host}`
    this.#pipeline = new RequestPipeline(host, this)
    this.#frames = new FrameReader(host.services.config.socket_request_max_bytes, (frame) => this.#take(frame))
    stream.start({
      target: () => this.#frames.target(),
      received: (count) => this.#received(count),
      drained: () => this.#drained(),
      closed: (error) => this.#onStreamClosed(error),
    })
  }

  /** Complete requests so far: a connection in which this does not grow is idle. */
  get requests(): number {
    return this.#pipeline.begun
  }

  get isBusy(): boolean {
    return !this.#pipeline.isIdle
  }

  get hasRoomForAnswers(): boolean {
    return this.#outBytes + this.#stream.buffered < MAX_OUTPUT_BYTES
  }

  /** Writes an answer, together with all others of this turn. */
  send(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) {
      this.#out.push(chunk)
      this.#outBytes += chunk.length
    }
    if (this.#isFlushScheduled) return
    this.#isFlushScheduled = true
    queueMicrotask(this.#flush)
  }

  onClose(listener: () => void): () => void {
    if (this.closed) {
      listener()
      return () => undefined
    }
    this.#closeListeners.add(listener)
    return () => this.#closeListeners.delete(listener)
  }

  close(reason: string): void {
    this.end({ reason, level: 'warn' })
  }

  /** Takes no more requests, answers those under way, closes. A reason is logged, once. */
  end(ending?: Ending): void {
    if (this.#isEnding) return
    this.#isEnding = true
    if (ending) {
      const { level, reason, ...facts } = ending
      this.#log[level]({ peer: this.clientHost, ...facts }, `connection closed: ${reason}`)
    }
    this.#stream.pause()
    this.#pipeline.stop()
    this.#endTimer = this.#host.services.runtime.clock.setTimer(END_WITHIN_MS, () => this.#stream.destroy())
    this.#tellListeners()
    this.onRequestsAnswered()
  }

  /** Drops the connection, whatever is under way. */
  destroy(): void {
    this.#isEnding = true
    this.#pipeline.stop()
    this.#stream.destroy()
  }

  /** The pipeline has nothing under way. */
  onRequestsAnswered(): void {
    if (!this.#isEnding || this.isBusy) return
    this.#flush()
    this.#stream.end()
  }

  /** The pipeline has come so far that more may be read. */
  balance(): void {
    if (this.#isEnding) return
    const shouldPause = this.#pipeline.isFull || !this.hasRoomForAnswers
    if (shouldPause === this.#isPaused) return
    this.#isPaused = shouldPause
    if (shouldPause) this.#stream.pause()
    else this.#stream.resume()
  }

  #received(count: number): void {
    if (this.#isEnding) return
    this.#host.services.traffic.bytesIn += count
    // Holds back the flush until all frames of this read are begun.
    this.#isFlushScheduled = true
    try {
      this.#frames.received(count)
    } catch (error) {
      if (error instanceof FrameError) this.end({ level: 'warn', reason: error.message })
      else this.end({ level: 'error', reason: 'reading failed by a bug', error })
    }
    this.#flush()
    this.balance()
  }

  #take(frame: Buffer): void {
    if (!this.#isEnding) this.#pipeline.take(frame)
  }

  #drained(): void {
    this.#pipeline.proceed()
    this.#flush()
    this.balance()
  }

  readonly #flush = (): void => {
    this.#isFlushScheduled = false
    const out = this.#out
    if (out.length === 0) return
    const bytes = this.#outBytes
    this.#out = []
    this.#outBytes = 0
    this.#host.services.traffic.bytesOut += bytes
    if (out.length > 1 && bytes <= COPY_LIMIT) this.#stream.write([Buffer.concat(out, bytes)])
    else this.#stream.write(out, out.some(isLent) ? () => out.forEach(giveBack) : undefined)
  }

  #onStreamClosed(error?: Error): void {
    this.closed = true
    this.#isEnding = true
    this.#endTimer?.cancel()
    this.#pipeline.stop()
    this.#log.debug({ peer: this.clientHost, reason: error?.message, cutShort: this.#frames.unfinishedBytes }, 'gone')
    this.#tellListeners()
    this.#host.onClosed(this)
  }

  /** What is parked shall not wait for more: nobody is there to be answered, or soon nobody. */
  #tellListeners(): void {
    const listeners = [...this.#closeListeners]
    this.#closeListeners.clear()
    for (const listener of listeners) listener()
  }
}

const isLent = (chunk: Buffer): boolean => readBuffers.isLent(chunk)
const giveBack = (chunk: Buffer): void => readBuffers.giveBack(chunk)
