// Hot path: every request passes here; what is there synchronously is answered without a promise.
import { DecodeError, decodeRequestHeader, LargeMessage, SaslAuthenticate } from '@rivven/protocol'
import { inTurn, longestStretchMs } from '../breath.js'
import type { Handler } from '../handlers/handler.js'
import type { Verdict } from './authentication/gate.js'
import { type Flight, Flights, type Frame } from './flights.js'
import { Mute } from './mute.js'
import { noAnswer, type PipelineConnection, type PipelineHost, RequestServer } from './request-server.js'

/** Requests that wait for their turn: beyond these the connection is not read. */
const MAX_QUEUED = 256
const MAX_QUEUED_BYTES = 4 * 1024 * 1024
/** Overlapping requests that are under way. */
const MAX_IN_FLIGHT = 64
const MAX_IN_FLIGHT_BYTES = 32 * 1024 * 1024
/** A look at the clock costs as much as some percent of a small request: one for so many that are begun in one go. */
const BEGUN_BEFORE_A_LOOK = 4

/** Whose request is under way while the gate thinks: others wait for it. */
const atTheGate: Handler = { api: SaslAuthenticate, overlaps: false, handle: () => null }

/**
 * The requests of one connection. They are handled one at a time in the order they came, as Kafka does
 * (data-plane.md §1.4), but those of an API whose handler says `overlaps`: several of these may be under way, begun in
 * order of arrival, and their answers leave in that order.
 */
export class RequestPipeline {
  /** Requests begun so far. */
  begun = 0
  readonly #host: PipelineHost
  readonly #connection: PipelineConnection
  readonly #server: RequestServer
  #queue: Buffer[] = []
  #queuedBytes = 0
  readonly #flights = new Flights()
  #isStopped = false
  /** A request of many elements is under way: nothing behind it begins, so that what it does is done in order. */
  #isLargeUnderWay = false
  /** Requests begun since others had their turn. */
  #begunInStretch = 0
  #stretchSince = 0
  #isResting = false
  #waitsForGate = false
  readonly #mute: Mute

  constructor(host: PipelineHost, connection: PipelineConnection) {
    this.#host = host
    this.#connection = connection
    this.#mute = new Mute(host.services.runtime.clock, () => this.#goOn())
    this.#server = new RequestServer(host, connection, { onLarge: this.#largeBegins, mute: this.#mute })
  }

  get isIdle(): boolean {
    return this.#flights.count === 0 && this.#queue.length === 0
  }

  /** A login is being looked at: nothing behind it can be. */
  get waitsForGate(): boolean {
    return this.#waitsForGate
  }

  /** Its client is above a quota. */
  get isMuted(): boolean {
    return this.#mute.isOn
  }

  /** Of requests that wait, and of those that are under way. */
  get heldBytes(): number {
    return this.#queuedBytes + this.#flights.bytes
  }

  get isFull(): boolean {
    return this.#queue.length >= MAX_QUEUED || this.#queuedBytes >= MAX_QUEUED_BYTES
  }

  take(frame: Buffer): void {
    if (this.#queue.length === 0 && this.#mayBegin(frame)) {
      this.#begin(frame)
    } else {
      this.#queue.push(frame)
      this.#queuedBytes += frame.length
    }
  }

  /** A turn of the event loop begins: others have had theirs. The monotonic time. */
  beginStretch(): number {
    this.#begunInStretch = 0
    this.#stretchSince = this.#host.services.runtime.clock.monotonic()
    return this.#stretchSince
  }

  /** Begins what has waited, as far as it may. */
  proceed(): void {
    let count = 0
    for (const frame of this.#queue) {
      if (this.#isStopped || !this.#mayBegin(frame)) break
      count += 1
      this.#queuedBytes -= frame.length
      this.#begin(frame)
    }
    if (count > 0) this.#queue.splice(0, count)
  }

  /** Drops what has not begun. */
  stop(): void {
    this.#isStopped = true
    this.#mute.end()
    this.#queue = []
    this.#queuedBytes = 0
  }

  #mayBegin(frame: Buffer): boolean {
    if (this.#isResting || this.#isLargeUnderWay || this.#mute.isOn) return false
    const last = this.#flights.last
    if (!last) return this.#connection.hasRoomForAnswers
    if (!last.handler.overlaps || frame.length < 2 || frame.readInt16BE(0) !== last.handler.api.key) return false
    const bytes = this.#flights.bytes + frame.length
    return this.#flights.count < MAX_IN_FLIGHT && bytes <= MAX_IN_FLIGHT_BYTES && this.#connection.hasRoomForAnswers
  }

  #begin(frame: Buffer): void {
    this.begun += 1
    let apiKey = -1
    let apiVersion = -1
    try {
      const verdict = this.#connection.gate.look(frame)
      if (verdict) {
        this.#obey(verdict, frame.length)
        return
      }
      const header = decodeRequestHeader(frame)
      apiKey = header.apiKey
      apiVersion = header.apiVersion
      const handler = this.#host.router.find(apiKey, apiVersion)
      if (!handler) {
        this.#server.refuse(apiKey, apiVersion, header.correlationId)
        return
      }
      const answer = this.#server.handle(handler, header, frame)
      this.#launch(handler, apiVersion, header.correlationId, frame.length, answer)
    } catch (error) {
      this.#failed(error, apiKey, apiVersion)
    }
    if (++this.#begunInStretch % BEGUN_BEFORE_A_LOOK === 0) this.#restIfDue()
  }

  /** Thousands of small requests that came together must not hold up other connections. */
  #restIfDue(): void {
    const { clock } = this.#host.services.runtime
    if (clock.monotonic() - this.#stretchSince >= longestStretchMs) this.#rest()
  }

  /** Nothing begins before others have had their turn. */
  #rest(): void {
    if (this.#isResting) return
    this.#isResting = true
    inTurn(this.#host.services.runtime.clock, () => {
      this.#isResting = false
      this.#goOn()
    })
  }

  #goOn(): void {
    this.beginStretch()
    this.proceed()
    this.#connection.balance()
  }

  /** A request that is not served: the gate has its answer. */
  #obey(verdict: Verdict | Promise<Verdict>, bytes: number): void {
    if (!(verdict instanceof Promise)) {
      this.#carryOut(verdict)
      return
    }
    this.#flights.add({ handler: atTheGate, apiVersion: 0, correlationId: 0, bytes, frame: undefined })
    this.#waitsForGate = true
    verdict.then(
      (made) => {
        this.#waitsForGate = false
        this.#flights.clear()
        this.#carryOut(made)
        this.proceed()
        this.#connection.balance()
        if (this.isIdle) this.#connection.onRequestsAnswered()
      },
      (error) => this.#failed(error, -1, -1),
    )
  }

  #carryOut({ answer, ending }: Verdict): void {
    if (answer.length > 0) this.#connection.send(answer)
    if (ending) this.#connection.end(ending)
    this.#connection.onGateAnswered()
  }

  readonly #largeBegins = (): void => {
    this.#isLargeUnderWay = true
  }

  #launch(handler: Handler, apiVersion: number, correlationId: number, bytes: number, answer: unknown): void {
    const flight: Flight = { handler, apiVersion, correlationId, bytes, frame: undefined }
    if (answer instanceof Promise) {
      this.#flights.add(flight)
      answer.then(
        (message) => this.#answered(flight, message),
        (error) => {
          this.#failed(error, handler.api.key, apiVersion)
          // What cannot be read has no answer; those in front of it have theirs.
          if (error instanceof DecodeError) this.#depart(flight, noAnswer)
        },
      )
      return
    }
    const frame = this.#server.frameOf(flight, answer)
    if (frame instanceof Promise) {
      this.#flights.add(flight)
      this.#framed(flight, frame)
    } else if (this.#flights.count === 0) {
      this.#connection.send(frame)
    } else {
      flight.frame = frame
      this.#flights.add(flight)
    }
  }

  #answered(flight: Flight, message: unknown): void {
    const { handler, apiVersion } = flight
    // Also when nobody is left to read it: what the answer holds is let go where it would be sent.
    try {
      const frame = this.#server.frameOf(flight, message)
      if (frame instanceof Promise) this.#framed(flight, frame)
      else this.#depart(flight, frame)
    } catch (error) {
      this.#failed(error, handler.api.key, apiVersion)
    }
  }

  /** A large answer, of which the last stretch was in this turn: what waits behind it, and may be as large, begins in another. */
  #framed(flight: Flight, frame: Promise<Frame>): void {
    frame.then(
      (made) => {
        if (this.#queue.length > 0) this.#rest()
        this.#depart(flight, made)
      },
      (error) => this.#failed(error, flight.handler.api.key, flight.apiVersion),
    )
  }

  /** The answer is there, and leaves when all before it have. */
  #depart(flight: Flight, frame: Frame): void {
    flight.frame = frame
    for (const ready of this.#flights.answered()) this.#connection.send(ready)
    if (this.#flights.count === 0) this.#isLargeUnderWay = false
    this.proceed()
    this.#connection.balance()
    if (this.#flights.count === 0) this.#connection.onRequestsAnswered()
  }

  #failed(error: unknown, apiKey: number, apiVersion: number): void {
    if (error instanceof DecodeError) {
      this.#connection.end({ level: 'warn', reason: `a request does not parse: ${error.message}`, apiKey, apiVersion })
    } else if (error instanceof LargeMessage) {
      this.#flights.clear()
      this.#connection.end({
        level: 'warn',
        reason: `a request asks for too much: ${error.message}`,
        apiKey,
        apiVersion,
      })
    } else {
      // The one that failed can never be answered, so nothing behind it can.
      this.#flights.clear()
      this.#connection.end({ level: 'error', reason: 'a request failed by a bug', apiKey, apiVersion, error })
    }
  }
}
