import {
  type Api,
  decodeResponse,
  encodeRequest,
  type Partially,
  type RequestOf,
  type ResponseOf,
} from '@rivven/protocol'
import type { Address, ByteStream, Clock, Runtime, TlsConnect } from '@rivven/runtime'
import { addressText } from '../address.js'
import { RivvenError } from '../errors/errors.js'
import type { Logger } from '../logger.js'
import { closedForLateness, connectionEnded, invalidResponse, tooLate } from './connection-ended.js'
import { connectionFailed } from './connection-failed.js'
import { FrameReader } from './frame-reader.js'
import { abandonOnAbort, type Pending, PendingRequests } from './pending-requests.js'
import { Throttle } from './throttle.js'

/** A request to be sent: fields that are left out have Kafka's defaults. */
export type Outgoing<A extends Api> = Partially<RequestOf<A>>

export interface ConnectionOptions {
  runtime: Runtime
  /** Told of a broker that asks for pauses without reason. */
  logger: Logger
  address: Address
  clientId: string
  connectTimeoutMs: number
  /** Default: bytes go in the clear. */
  tls?: TlsConnect | undefined
  /** Largest answer that is taken, in bytes. */
  maxFrameBytes: number
  /** Longest pause that a broker gets by its throttle time, in milliseconds. */
  maxThrottleMs: number
  /** Why the peer ended the connection that it was asked something on, where more is known; `answers` came before. */
  explainEnd?: (answers: number, error: Error | undefined) => RivvenError | undefined
  /** Called once when the connection is gone, whoever ended it; with why. */
  onClosed?: (reason: RivvenError) => void
}

export interface CallOptions {
  timeoutMs: number
  signal?: AbortSignal
  /** Version to decode the answer with, where it depends on the answer itself (ApiVersions). */
  answerVersion?: (frame: Buffer) => number
}

/**
 * One connection to one broker. Requests are pipelined; answers come in request order (data-plane §1.4), so any other
 * correlation id than the oldest one's means that bytes were lost: the connection is closed. A request that gets no
 * answer in time closes it too, so that a late answer can never be taken for another's.
 */
export class Connection {
  readonly address: Address
  readonly #clock: Clock
  readonly #clientId: string
  readonly #onClosed: ConnectionOptions['onClosed']
  readonly #explainEnd: ConnectionOptions['explainEnd']
  readonly #stream: ByteStream
  readonly #reader: FrameReader
  readonly #throttle: Throttle
  readonly #pending: PendingRequests
  readonly #drainWaiters: (() => void)[] = []
  #outgoing: Uint8Array[] = []
  #nextCorrelationId = 1
  #answers = 0
  #bytesSent = 0
  #bytesReceived = 0
  #closeReason: RivvenError | null = null
  #closed = false

  static async open(options: ConnectionOptions): Promise<Connection> {
    try {
      const { runtime, address, connectTimeoutMs, tls } = options
      const stream = await runtime.network.connect(address, connectTimeoutMs, tls)
      return new Connection(stream, options)
    } catch (error) {
      if (error instanceof RivvenError) throw error
      throw connectionFailed(addressText(options.address), error)
    }
  }

  private constructor(stream: ByteStream, options: ConnectionOptions) {
    const { clock } = options.runtime
    this.address = options.address
    this.#clock = clock
    this.#clientId = options.clientId
    this.#onClosed = options.onClosed
    this.#explainEnd = options.explainEnd
    this.#stream = stream
    this.#pending = new PendingRequests(clock, (late) => this.#timedOut(late))
    const { logger, maxThrottleMs: mostMs } = options
    this.#throttle = new Throttle({ clock, logger, where: addressText(options.address), mostMs })
    this.#reader = new FrameReader(options.maxFrameBytes, (frame) => this.#answered(frame))
    stream.start({
      target: () => this.#reader.target(),
      received: (count) => this.#received(count),
      drained: () => this.#drained(),
      closed: (error) => this.#gone(error),
    })
  }

  get isOpen(): boolean {
    return !this.#closed && this.#closeReason === null
  }

  /** Requests that wait for their answer. */
  get inFlight(): number {
    return this.#pending.size
  }

  /**
   * For how long its next answer is late, in milliseconds: answers are expected at once, but where a caller grants more than the
   * usual time-out, because the broker may wait on purpose. 0: none is.
   */
  lateMs(usualTimeoutMs: number): number {
    const { oldest } = this.#pending
    if (!oldest) return 0
    const expectedAt = oldest.deadline - Math.min(oldest.timeoutMs, usualTimeoutMs)
    return Math.max(0, this.#clock.monotonic() - expectedAt)
  }

  /** How many came so far. */
  get answers(): number {
    return this.#answers
  }

  get bytesSent(): number {
    return this.#bytesSent
  }

  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /** Resolves when no request waits for its answer, or all of them have failed. */
  idle(): Promise<void> {
    return this.#pending.idle()
  }

  /** Milliseconds for which the broker asked not to be sent anything (KIP-219); 0 when it did not. */
  get throttleMs(): number {
    return this.#throttle.leftMs
  }

  /** Whether the process lives on as long as this is open. Default: it does. */
  keepProcess(isKept: boolean): void {
    this.#stream.keepProcess?.(isKept)
  }

  /** Sends a request; resolves with its answer. Rejects with TIMED_OUT, ABORTED or CONNECTION_CLOSED. */
  call<A extends Api>(api: A, version: number, request: Outgoing<A>, options: CallOptions): Promise<ResponseOf<A>> {
    if (!this.isOpen) return Promise.reject(this.#closedError())
    return new Promise<ResponseOf<A>>((resolve, reject) => {
      const correlationId = this.#write(api, version, request)
      const pending: Pending = {
        correlationId,
        api,
        version,
        answerVersion: options.answerVersion,
        deadline: this.#clock.monotonic() + options.timeoutMs,
        timeoutMs: options.timeoutMs,
        wanted: true,
        resolve: resolve as (message: unknown) => void,
        reject,
      }
      this.#pending.add(pending)
      if (options.signal) abandonOnAbort(pending, options.signal, addressText(this.address))
    })
  }

  /** Sends a request that has no answer (Produce with acks 0); resolves when the operating system took it. */
  async post<A extends Api>(api: A, version: number, request: Outgoing<A>): Promise<void> {
    if (!this.isOpen) throw this.#closedError()
    this.#write(api, version, request)
    this.#flush()
    if (this.#stream.buffered === 0) return
    await new Promise<void>((resolve) => this.#drainWaiters.push(resolve))
    if (this.#closed) throw this.#closedError()
  }

  /** Closes at once; requests in flight fail with `reason`, or CONNECTION_CLOSED. */
  close(reason?: RivvenError): void {
    if (!this.isOpen) return
    this.#closeReason = reason ?? this.#closedError()
    this.#stream.destroy()
    this.#pending.failAll(this.#closeReason)
  }

  #write<A extends Api>(api: A, version: number, request: Outgoing<A>): number {
    const correlationId = this.#nextCorrelationId
    const chunks = encodeRequest(api, version, { correlationId, clientId: this.#clientId }, request)
    this.#nextCorrelationId = (correlationId + 1) & 0x7fffffff
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush())
    for (const chunk of chunks) {
      this.#bytesSent += chunk.length
      this.#outgoing.push(chunk)
    }
    return correlationId
  }

  /** Requests made in one turn leave with one write: 863 k/s against 119 k/s (DESIGN.md §5). */
  #flush(): void {
    if (this.#outgoing.length === 0 || !this.isOpen) return
    const chunks = this.#outgoing
    this.#outgoing = []
    this.#stream.write(chunks)
  }

  #received(count: number): void {
    if (!this.isOpen) return
    this.#bytesReceived += count
    try {
      this.#reader.received(count)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      this.close(invalidResponse(addressText(this.address), text, error))
    }
  }

  #answered(frame: Buffer): void {
    const { oldest } = this.#pending
    if (!this.isOpen) return
    if (!oldest) throw new RangeError('an answer came that nobody asked for')
    if (frame.length < 4 || frame.readInt32BE(0) !== oldest.correlationId) {
      throw new RangeError(`an answer to another request than ${oldest.api.name} came`)
    }
    this.#answers++
    if (!oldest.wanted) {
      this.#pending.settleOldest()
      return
    }
    const version = oldest.answerVersion ? oldest.answerVersion(frame) : oldest.version
    const { message } = decodeResponse(oldest.api, version, frame)
    this.#pending.settleOldest()
    this.#throttle.take((message as { throttleTimeMs?: number }).throttleTimeMs ?? 0)
    oldest.resolve(message)
  }

  #drained(): void {
    for (const wake of this.#drainWaiters.splice(0)) wake()
  }

  #gone(error: Error | undefined): void {
    this.#closed = true
    this.#closeReason ??= this.#explained(error) ?? this.#closedError(error)
    this.#pending.failAll(this.#closeReason)
    this.#drained()
    this.#onClosed?.(this.#closeReason)
  }

  #explained(error: Error | undefined): RivvenError | undefined {
    return this.#pending.size > 0 ? this.#explainEnd?.(this.#answers, error) : undefined
  }

  #timedOut(late: Pending): void {
    const where = addressText(this.address)
    late.wanted = false
    late.reject(tooLate(where, late))
    this.close(closedForLateness(where, late))
  }

  #closedError(cause?: Error): RivvenError {
    return this.#closeReason ?? connectionEnded(addressText(this.address), cause)
  }
}
