// Hot path: every request comes in and every answer leaves here.
import type { FrameChunk } from '@rivven/protocol'
import type { ByteStream } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Gate } from './authentication/gate.js'
import type { Ending } from './ending.js'
import { FrameError, FrameReader } from './frame-reader.js'
import { Outbox, type OutboxOwner } from './outbox.js'
import type { MemoryHolder, RequestMemory } from './request-memory.js'
import { RequestPipeline } from './request-pipeline.js'
import type { PipelineConnection, PipelineHost } from './request-server.js'

/** Beyond this the connection is neither read nor are its requests begun, until the peer has read answers. */
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024
/** How long requests under way, or a peer that does not read, may hold up the end of a connection. */
const END_WITHIN_MS = 1_000

/** What all connections of a listener share. */
export interface ConnectionHost extends PipelineHost {
  /** Somebody has logged in. */
  onOpen(connection: Connection): void
  /** Something of it may be due then (monotonic). */
  lookAt(connection: Connection, time: number): void
  /** Who has logged in, and who has not, each kind has memory of its own. */
  memoryOf(connection: Connection): RequestMemory
  onClosed(connection: Connection): void
}

/** One client: its bytes in, its end. What happens to requests in between: request-pipeline.ts; how answers leave: outbox.ts. */
export class Connection implements PipelineConnection, OutboxOwner, MemoryHolder {
  /** The peer as Java prints it. */
  readonly clientHost: string
  readonly gate: Gate
  closed = false
  readonly #stream: ByteStream
  readonly #host: ConnectionHost
  readonly #log: Logger
  readonly #frames: FrameReader
  readonly #pipeline: RequestPipeline
  readonly #closeListeners = new Set<() => void>()
  readonly #outbox: Outbox
  #memory: RequestMemory
  #isPaused = false
  /** Nothing more is read; the connection ends when what is under way is answered. */
  #isEnding = false
  #readAt: number
  #endsBy: number | undefined

  constructor(stream: ByteStream, gate: Gate, host: ConnectionHost) {
    this.#stream = stream
    this.#host = host
    this.#readAt = this.#now
    this.#log = host.services.log
    this.clientHost = `/${stream.remote.host}`
    this.gate = gate
    this.#memory = host.memoryOf(this)
    this.#outbox = new Outbox(stream, this)
    this.#pipeline = new RequestPipeline(host, this)
    this.#frames = new FrameReader(this.gate.maxFrameSize, (frame) => this.#take(frame), this.#mayBegin)
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

  get listenerName(): string {
    return this.#host.listenerName
  }

  get isBusy(): boolean {
    return !this.#pipeline.isIdle
  }

  /** Its client is above a quota, and has to be silent. */
  get isMuted(): boolean {
    return this.#pipeline.isMuted
  }

  /** When it is dropped, whatever is under way (monotonic); undefined: it does not end. */
  get endsBy(): number | undefined {
    return this.#endsBy
  }

  /** Since when the rest of a request is awaited (monotonic); infinite: it is not. */
  get frameStandsSince(): number {
    return this.#frames.unfinishedBytes > 0 && !this.#isPaused ? this.#readAt : Number.POSITIVE_INFINITY
  }

  /** Of all answers, what the operating system has taken so far. */
  get takenBytes(): number {
    return this.#outbox.taken
  }

  get hasRoomForAnswers(): boolean {
    return this.#outbox.unsent < MAX_OUTPUT_BYTES
  }

  /** Writes an answer, together with all others of this turn. */
  send(chunks: readonly FrameChunk[]): void {
    this.#outbox.add(chunks)
  }

  sent(bytes: number): void {
    this.#host.services.traffic.bytesOut += bytes
  }

  progressed(): void {
    if (this.#isEnding) this.onRequestsAnswered()
    else this.#drained()
  }

  failed(error: Error): void {
    this.#log.error(
      { peer: this.clientHost, error },
      'connection closed: records could not be read while they were sent',
    )
    this.destroy()
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
    if (ending) this.#tell(ending)
    this.#stream.pause()
    this.#pipeline.stop()
    this.#endsBy = this.#now + END_WITHIN_MS
    this.#host.lookAt(this, this.#endsBy)
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
    this.#outbox.flush()
    if (this.#outbox.isEmpty) this.#stream.end()
  }

  /** The pipeline has come so far that more may be read. */
  balance(): void {
    if (this.#isEnding) return
    const { isHeld, lacksRoom, largeBytes } = this.#frames
    this.#memory.hold(this, this.#pipeline.heldBytes + largeBytes)
    const isHeldUp = isHeld || lacksRoom || !this.#memory.mayRead(this)
    const shouldPause = isHeldUp || this.#pipeline.isFull || !this.hasRoomForAnswers
    if (shouldPause === this.#isPaused) return
    this.#isPaused = shouldPause
    if (!shouldPause) this.#readOn()
    else this.#stream.pause()
    if (!this.hasRoomForAnswers) this.#host.lookAt(this, this.#now)
  }

  #readOn(): void {
    this.#readAt = this.#now
    this.#stream.resume()
  }

  get #now(): number {
    return this.#host.services.runtime.clock.monotonic()
  }

  /** The gate has come to its answer: more may be looked at, perhaps by other limits. */
  onGateAnswered(): void {
    if (this.gate.isOpen) this.#onOpen()
    if (this.#isEnding) return
    this.#frames.maxSize = this.gate.maxFrameSize
    if (this.#frames.isHeld) this.#read(() => this.#frames.release())
  }

  /** Who has not logged in may come again a thousand times a second. */
  #tell({ level, reason, refusal, ...more }: Ending): void {
    const text = `connection closed: ${reason}`
    const facts = { peer: this.clientHost, ...more }
    if (this.gate.isOpen && !refusal) this.#log[level](facts, text)
    else this.#host.services.refusals.add({ reason: refusal ?? 'malformed_before_login', level, text, facts })
  }

  get isReadingLarge(): boolean {
    return this.#frames.largeBytes > 0
  }

  onRoom(): void {
    if (this.#isEnding) return
    if (this.#frames.lacksRoom) this.#read(() => this.#frames.askForRoom())
    else this.balance()
  }

  giveUp(): void {
    const reason = 'there is no memory for more requests, and its own, the largest, did not come in time'
    this.end({ level: 'warn', reason, refusal: 'request_memory' })
  }

  readonly #mayBegin = (size: number): boolean => this.#memory.mayBegin(this, size)

  #onOpen(): void {
    this.#host.onOpen(this)
    const memory = this.#host.memoryOf(this)
    if (memory === this.#memory) return
    this.#memory.leave(this)
    this.#memory = memory
  }

  #received(count: number): void {
    if (this.#isEnding) return
    this.#host.services.traffic.bytesIn += count
    this.#read(() => this.#frames.received(count))
  }

  #read(cutFrames: () => void): void {
    this.#readAt = this.#pipeline.beginStretch()
    // Holds back the flush until all frames of this read are begun.
    this.#outbox.holdBack()
    try {
      cutFrames()
    } catch (error) {
      if (error instanceof FrameError) this.end({ level: 'warn', reason: error.message })
      else this.end({ level: 'error', reason: 'reading failed by a bug', error })
    }
    this.#outbox.flush()
    this.balance()
  }

  #take(frame: Buffer): void {
    if (this.#isEnding) return
    this.#pipeline.take(frame)
    // What lies behind a token belongs to who has come in, if somebody does.
    if (this.#pipeline.waitsForGate) this.#frames.hold()
  }

  #drained(): void {
    this.#pipeline.beginStretch()
    this.#pipeline.proceed()
    this.#outbox.flush()
    this.balance()
  }

  #onStreamClosed(error?: Error): void {
    this.closed = true
    this.#isEnding = true
    this.#pipeline.stop()
    this.#outbox.close()
    this.#memory.leave(this)
    this.#log.debug({ peer: this.clientHost, reason: error?.message, cutShort: this.#frames.unfinishedBytes }, 'gone')
    this.#frames.close()
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
