import {
  ApiVersions,
  ErrorCode,
  encodeResponse,
  type FrameChunk,
  Produce,
  type RequestHeader,
  SaslAuthenticate,
  SaslHandshake,
  TooManyElements,
} from '@rivven/protocol'
import { inTurn } from '../breath.js'
import { handled } from '../handlers/changes/api-changes.js'
import type { BrokerServices, Handler, RequestContext } from '../handlers/handler.js'
import type { RequestConnection } from '../request-connection.js'
import { ClientLimits } from '../security/quotas/client-limits.js'
import type { ClientQuotas } from '../security/quotas/client-quotas.js'
import { RequestThrottle } from '../security/quotas/request-throttle.js'
import { answerFrame } from './answer-frame.js'
import type { Gate } from './authentication/gate.js'
import { tooLargeAnswer } from './element-limits.js'
import type { Ending } from './ending.js'
import type { Flight, Frame } from './flights.js'
import type { Mute } from './mute.js'
import { requestBody } from './request-body.js'
import { asksUnknownApiVersions, type Router } from './router.js'

/** What the requests of all connections of a listener share. */
export interface PipelineHost {
  readonly router: Router
  readonly services: BrokerServices
  readonly advertised: { readonly host: string; readonly port: number }
  readonly listenerName: string
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

/** What the requests of a connection do to those behind them. */
export interface Followers {
  /** Called before a promise is returned for a request that is read in stretches. */
  onLarge(): void
  readonly mute: Mute
}

/** Logging in costs nobody's time of the event loop. */
const isLogin: ReadonlySet<number> = new Set([SaslHandshake.key, SaslAuthenticate.key])
const typeOfUsers = 'User:'

/** What becomes of one request: from its bytes to its handler's answer, and from that to the bytes of the answer. */
export class RequestServer {
  readonly #host: PipelineHost
  readonly #connection: PipelineConnection
  readonly #followers: Followers
  /** Of who asked last. */
  #limits: ClientLimits | undefined

  constructor(host: PipelineHost, connection: PipelineConnection, followers: Followers) {
    this.#host = host
    this.#connection = connection
    this.#followers = followers
  }

  handle(handler: Handler, header: RequestHeader, frame: Buffer): unknown {
    const quotas = this.#host.services.security.quotas.ofClients
    if (quotas === undefined) return this.#handle(handler, header, frame)
    return this.#handleWithin(quotas, { handler, header, frame })
  }

  /** What is above a quota is done all the same, and nothing behind it begins for a while (KIP-219). */
  #handleWithin(
    quotas: ClientQuotas,
    { handler, header, frame }: { handler: Handler; header: RequestHeader; frame: Buffer },
  ): unknown {
    const throttle = new RequestThrottle(this.#limitsOf(quotas, header), this.#now)
    const since = this.#now()
    if (header.apiKey === Produce.key) throttle.produced(frame.length, since)
    const answer = this.#handle(handler, header, frame, throttle)
    if (!isLogin.has(header.apiKey)) throttle.worked(since)
    // At once: requests that overlap must not begin before it is answered.
    this.#followers.mute.lastUntil(throttle.until)
    const told = (message: unknown): unknown => {
      this.#followers.mute.lastUntil(throttle.until)
      return throttle.told(message)
    }
    return answer instanceof Promise ? answer.then(told) : told(answer)
  }

  #limitsOf(quotas: ClientQuotas, { clientId }: RequestHeader): ClientLimits {
    const { principal } = this.#connection.gate.access
    const user = principal.startsWith(typeOfUsers) ? principal.slice(typeOfUsers.length) : principal
    const client = { user, clientId: clientId ?? '' }
    if (!this.#limits?.areOf(quotas, client)) this.#limits = new ClientLimits(quotas, client)
    return this.#limits
  }

  readonly #now = (): number => this.#host.services.runtime.clock.monotonic()

  #handle(handler: Handler, header: RequestHeader, frame: Buffer, throttle?: RequestThrottle): unknown {
    const { router, services } = this.#host
    const limit = router.maxElements(handler.api)
    try {
      const body = requestBody(handler.api, header, frame, { limit, clock: services.runtime.clock })
      if (body instanceof Promise) {
        this.#followers.onLarge()
        return this.#handleLarge(handler, body, this.#contextOf(handler, header, throttle))
      }
      return handled(handler, body, services, this.#contextOf(handler, header, throttle))
    } catch (error) {
      return this.#refusalOf(error, handler, header.apiVersion)
    }
  }

  async #handleLarge(handler: Handler, body: Promise<unknown>, context: RequestContext): Promise<unknown> {
    try {
      const answer = await handled(handler, await body, this.#host.services, context)
      // Its last stretch was in this turn: the answer, which is as long as a rule, begins in another.
      await new Promise<void>((resolve) => inTurn(this.#host.services.runtime.clock, resolve))
      return answer
    } catch (error) {
      return this.#refusalOf(error, handler, context.apiVersion)
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

  #contextOf({ api }: Handler, { apiVersion, clientId }: RequestHeader, throttle?: RequestThrottle): RequestContext {
    const connection = this.#connection
    return {
      apiVersion,
      clientId: clientId ?? '',
      clientHost: connection.clientHost,
      advertised: this.#host.advertised,
      connection,
      access: connection.gate.access,
      audit: this.#host.services.audit,
      api: api.name,
      listener: this.#host.listenerName,
      throttle,
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
