import {
  ApiVersions,
  ErrorCode,
  encodeResponse,
  type FrameChunk,
  type RequestHeader,
  TooManyElements,
} from '@rivven/protocol'
import type { BrokerServices, Handler, RequestContext } from '../handlers/handler.js'
import type { RequestConnection } from '../request-connection.js'
import { answerFrame } from './answer-frame.js'
import type { Gate } from './authentication/gate.js'
import { tooLargeAnswer } from './element-limits.js'
import type { Ending } from './ending.js'
import type { Flight, Frame } from './flights.js'
import { requestBody } from './request-body.js'
import { asksUnknownApiVersions, type Router } from './router.js'

/** What the requests of all connections of a listener share. */
export interface PipelineHost {
  readonly router: Router
  readonly services: BrokerServices
  readonly advertised: { readonly host: string; readonly port: number }
}

/** The connection, as far as its requests need it. */
export interface PipelineConnection extends RequestConnection {
  readonly clientHost: string
  readonly gate: Gate
  /** The gate has come to an answer, which is sent. */
  onGateAnswered(): void
  /** The peer reads its answers. */
  readonly hasRoomForAnswers: boolean
  send(chunks: readonly FrameChunk[]): void
  /** Ends the connection once what is under way is answered. */
  end(ending: Ending): void
  /** Pauses or goes on reading, now that there are fewer or more requests. */
  balance(): void
  onRequestsAnswered(): void
}

export const noAnswer: Frame = []

/** What becomes of one request: from its bytes to its handler's answer, and from that to the bytes of the answer. */
export class RequestServer {
  readonly #host: PipelineHost
  readonly #connection: PipelineConnection

  constructor(host: PipelineHost, connection: PipelineConnection) {
    this.#host = host
    this.#connection = connection
  }

  /** `onLarge` is called before a promise is returned for a request that is read in stretches. */
  handle(handler: Handler, header: RequestHeader, frame: Buffer, onLarge: () => void): unknown {
    const { router, services } = this.#host
    const limit = router.maxElements(handler.api)
    try {
      const body = requestBody(handler.api, header, frame, { limit, clock: services.runtime.clock })
      if (body instanceof Promise) {
        onLarge()
        return this.#handleLarge(handler, header, body)
      }
      return handler.handle(body, services, this.#contextOf(header))
    } catch (error) {
      return this.#refusalOf(error, handler, header.apiVersion)
    }
  }

  async #handleLarge(handler: Handler, header: RequestHeader, body: Promise<unknown>): Promise<unknown> {
    try {
      return await handler.handle(await body, this.#host.services, this.#contextOf(header))
    } catch (error) {
      return this.#refusalOf(error, handler, header.apiVersion)
    }
  }

  /** The answer to a request that has too many elements; throws any other error. */
  #refusalOf(error: unknown, { api }: Handler, apiVersion: number): object {
    const limit = this.#host.router.maxElements(api)
    const refusal = error instanceof TooManyElements && tooLargeAnswer(api, apiVersion, limit)
    if (!refusal) throw error
    const facts = { peer: this.#connection.clientHost, apiKey: api.key, apiVersion, limit }
    this.#host.services.log.warn(facts, 'a request was refused: it has too many elements')
    return refusal
  }

  #contextOf({ apiVersion, clientId }: RequestHeader): RequestContext {
    const connection = this.#connection
    return {
      apiVersion,
      clientId: clientId ?? '',
      clientHost: connection.clientHost,
      advertised: this.#host.advertised,
      connection,
      access: connection.gate.access,
    }
  }

  /** The bytes of an answer. */
  frameOf({ handler, apiVersion, correlationId }: Flight, message: unknown): Frame | Promise<Frame> {
    const { traffic, runtime } = this.#host.services
    traffic.answered(handler.api.key, message)
    if (message === null) return noAnswer
    const answer = { api: handler.api, apiVersion, correlationId, message: message as object }
    return answerFrame(answer, runtime.clock, () => !this.#connection.closed)
  }

  /** No handler: closed without an answer, but ApiVersions of the future gets to know what we speak (KIP-511). */
  refuse(apiKey: number, apiVersion: number, correlationId: number): void {
    if (!asksUnknownApiVersions(apiKey, apiVersion)) {
      const reason = this.#host.router.refusal(apiKey, apiVersion)
      this.#connection.end({ level: 'warn', reason, apiKey, apiVersion })
      return
    }
    const { min, max } = ApiVersions.versions
    const apiKeys = [{ apiKey, minVersion: min, maxVersion: max }]
    const answer = { errorCode: ErrorCode.UNSUPPORTED_VERSION, apiKeys }
    this.#connection.send(encodeResponse(ApiVersions, 0, correlationId, answer as object))
  }
}
