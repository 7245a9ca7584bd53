import {
  type Api,
  decodeResponse,
  encodeRequest,
  type Partially,
  type RequestOf,
  type ResponseOf,
} from '@rivven/protocol'
import type { Address, ByteStream, Runtime, Timer, TlsConnect } from '@rivven/runtime'
import { addressText } from '../address.js'
import { RivvenError } from '../errors/errors.js'
import type { Logger } from '../logger.js'
import { abortedError } from '../retry/retry.js'
import { connectionFailed, speaksOther } from './connection-failed.js'
import { FrameReader, FrameSizeError } from './frame-reader.js'
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

interface Pending {
  correlationId: number
  api: Api
  version: number
  answerVersion: ((frame: Buffer) => number) | undefined
  deadline: number
  timeoutMs: number
  /** False when the caller has given up: the answer is then passed over. */
  wanted: boolean
  resolve: (message: unknown) => void
  reject: (error: RivvenError) => void
}

/**
 * One connection to one broker. Requests are pipelined; answers come in request order (data-plane §1.4), so any other
 * correlation id than the oldest one's means that bytes were lost: the connection is closed. A request that gets no
 * answer in time closes it too, so that a late answer can never be taken for another's.
 */
export class Connection {
  readonly address: Address
  readonly #runtime: Runtime
  readonly #clientId: string
  readonly #onClosed: ConnectionOptions['onClosed']
  readonly #explainEnd: ConnectionOptions['explainEnd']
  readonly #stream: ByteStream
  readonly #reader: FrameReader
  readonly #throttle: Throttle
  readonly #pending: Pending[] = []
  readonly #drainWaiters: (() => void)[] = []
  readonly #idleWaiters: (() => void)[] = []
  #outgoing: Uint8Array[] = []
  #nextCorrelationId = 1
  #answers = 0
  #timer: Timer | null = null
  #timerAt = Number.POSITIVE_INFINITY
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
    this.address = options.address
    this.#runtime = options.runtime
    this.#clientId = options.clientId
    this.#onClosed = options.onClosed
    this.#explainEnd = options.explainEnd
    this.#stream = stream
    const { clock } = options.runtime
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
    return this.#pending.length
  }

  /** How many came so far. */
  get answers(): number {
    return this.#answers
  }

  /** Resolves when no request waits for its answer, or all of them have failed. */
  async idle(): Promise<void> {
    if (this.#pending.length > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
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
        deadline: this.#runtime.clock.monotonic() + options.timeoutMs,
        timeoutMs: options.timeoutMs,
        wanted: true,
        resolve: resolve as (message: unknown) => void,
        reject,
      }
      this.#pending.push(pending)
      this.#armTimer(pending.deadline)
      if (options.signal) this.#abandonOnAbort(pending, options.signal)
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
    this.#failAll()
  }

  #write<A extends Api>(api: A, version: number, request: Outgoing<A>): number {
    const correlationId = this.#nextCorrelationId
    const chunks = encodeRequest(api, version, { correlationId, clientId: this.#clientId }, request)
    this.#nextCorrelationId = (correlationId + 1) & 0x7fffffff
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush())
    for (const chunk of chunks) this.#outgoing.push(chunk)
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
    try {
      this.#reader.received(count)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      this.close(this.#invalidResponse(text, error))
    }
  }

  #answered(frame: Buffer): void {
    const oldest = this.#pending[0]
    if (!this.isOpen) return
    if (!oldest) throw new RangeError('an answer came that nobody asked for')
    if (frame.length < 4 || frame.readInt32BE(0) !== oldest.correlationId) {
      throw new RangeError(`an answer to another request than ${oldest.api.name} came`)
    }
    this.#answers++
    if (!oldest.wanted) {
      this.#settled()
      return
    }
    const version = oldest.answerVersion ? oldest.answerVersion(frame) : oldest.version
    const { message } = decodeResponse(oldest.api, version, frame)
    this.#settled()
    this.#throttle.take((message as { throttleTimeMs?: number }).throttleTimeMs ?? 0)
    oldest.resolve(message)
  }

  #settled(): void {
    this.#pending.shift()
    if (this.#pending.length === 0 && this.#idleWaiters.length > 0) this.#wakeIdle()
  }

  #wakeIdle(): void {
    for (const wake of this.#idleWaiters.splice(0)) wake()
  }

  #drained(): void {
    for (const wake of this.#drainWaiters.splice(0)) wake()
  }

  #gone(error: Error | undefined): void {
    this.#closed = true
    this.#closeReason ??= this.#explained(error) ?? this.#closedError(error)
    this.#failAll()
    this.#drained()
    this.#onClosed?.(this.#closeReason)
  }

  #explained(error: Error | undefined): RivvenError | undefined {
    return this.#pending.length > 0 ? this.#explainEnd?.(this.#answers, error) : undefined
  }

  #failAll(): void {
    this.#timer?.cancel()
    this.#timer = null
    const reason = this.#closeReason ?? this.#closedError()
    for (const pending of this.#pending.splice(0)) if (pending.wanted) pending.reject(reason)
    this.#wakeIdle()
  }

  #abandonOnAbort(pending: Pending, signal: AbortSignal): void {
    const abandon = () => {
      pending.wanted = false
      pending.reject(abortedError(`${pending.api.name} to ${addressText(this.address)}`, signal))
    }
    if (signal.aborted) {
      abandon()
      return
    }
    const { resolve, reject } = pending
    signal.addEventListener('abort', abandon, { once: true })
    pending.resolve = (message) => {
      signal.removeEventListener('abort', abandon)
      resolve(message)
    }
    pending.reject = (error) => {
      signal.removeEventListener('abort', abandon)
      reject(error)
    }
  }

  /** One timer serves all requests: a timer for each costs 376 ns. */
  #armTimer(deadline: number): void {
    if (deadline >= this.#timerAt && this.#timer) return
    this.#timer?.cancel()
    this.#timerAt = deadline
    const delay = Math.max(1, deadline - this.#runtime.clock.monotonic())
    this.#timer = this.#runtime.clock.setTimer(delay, () => this.#checkDeadlines())
  }

  #checkDeadlines(): void {
    this.#timer = null
    const now = this.#runtime.clock.monotonic()
    let next = Number.POSITIVE_INFINITY
    for (const pending of this.#pending) {
      if (pending.deadline <= now) {
        this.#timedOut(pending)
        return
      }
      if (pending.deadline < next) next = pending.deadline
    }
    if (next !== Number.POSITIVE_INFINITY) this.#armTimer(next)
  }

  #timedOut(late: Pending): void {
    const where = addressText(this.address)
    const facts = { api: late.api.name, address: where }
    late.wanted = false
    const text = `${late.api.name} to ${where} got no answer within ${late.timeoutMs} ms.`
    late.reject(new RivvenError('TIMED_OUT', text, { retriable: true, facts }))
    const others = `The connection to ${where} was closed because ${late.api.name} got no answer in time.`
    this.close(new RivvenError('CONNECTION_CLOSED', others, { retriable: true, facts }))
  }

  #closedError(cause?: Error): RivvenError {
    if (this.#closeReason) return this.#closeReason
    const where = addressText(this.address)
    const text = cause
      ? `The connection to ${where} broke: ${cause.message}.`
      : `The broker at ${where} ended the connection.`
    return new RivvenError('CONNECTION_CLOSED', text, { retriable: true, cause, facts: { address: where } })
  }

  #invalidResponse(text: string, cause: unknown): RivvenError {
    const where = addressText(this.address)
    const other = cause instanceof FrameSizeError ? speaksOther(where, cause) : undefined
    if (other) return other
    const message = `The broker at ${where} sent bytes that make no sense: ${text}. The connection was closed.`
    return new RivvenError('INVALID_RESPONSE', message, { retriable: true, cause, facts: { address: where } })
  }
}
