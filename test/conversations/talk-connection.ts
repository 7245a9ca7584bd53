import { connect, type Socket } from 'node:net'
import { type Api, decodeResponse, encodeRequest } from '@rivven/protocol'
import type { Json } from './conversation.js'
import { fromJson, toJson, versionOfAnswer } from './messages-as-json.js'

/** The connection ended before the answer came. */
export class ConnectionClosed extends Error {
  constructor() {
    super('the connection was closed')
  }
}

export interface SendOptions {
  readonly clientId?: string | undefined
  /** There will be no answer. */
  readonly noResponse?: boolean | undefined
  /** So many bytes at the end are left out. */
  readonly cut?: number | undefined
  /** Bytes behind the body. */
  readonly extra?: Buffer
}

/** What a conversation needs of a connection. */
export interface Talk {
  readonly ended: Promise<unknown>
  /** When its login counts no more; the player keeps to that, not the connection. */
  sessionEndsAt: number
  /** How long after the last bytes were sent the connection ended. */
  readonly endedAfterMs: number
  send(api: Api, version: number, request: Json, options?: SendOptions): Pending
  /** A SASL token without a Kafka header, as after SaslHandshake version 0; so is the answer. */
  sendToken(token: Buffer, options: SendOptions): Pending
  sendRaw(api: Api, version: number, bytes: Buffer): Pending
  write(bytes: Buffer): void
  close(): void
}

/** A request under way. */
export interface Pending {
  readonly tookMs: number
  /** The answer, or undefined when there is none within so many ms. */
  within(ms: number): Promise<Json | undefined>
}

class PendingAnswer implements Pending {
  readonly sentAt = performance.now()
  answeredAt = Number.NaN
  readonly #frame: Promise<Buffer>
  #resolve!: (frame: Buffer) => void
  #reject!: (error: Error) => void

  /** `read`: what the bytes of the answer say. */
  constructor(private readonly read: (frame: Buffer) => Json) {
    this.#frame = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#frame.catch(() => undefined)
  }

  answer(frame: Buffer): void {
    this.answeredAt = performance.now()
    this.#resolve(frame)
  }

  fail(error: Error): void {
    this.#reject(error)
  }

  get tookMs(): number {
    return this.answeredAt - this.sentAt
  }

  async within(ms: number): Promise<Json | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ms)
    })
    const frame = await Promise.race([this.#frame, late]).finally(() => clearTimeout(timer))
    return frame && this.read(frame)
  }
}

function answerTo(api: Api, version: number): PendingAnswer {
  return new PendingAnswer((frame) => {
    const { message } = decodeResponse(api, versionOfAnswer(api, version, frame), frame)
    return toJson(api.response, message)
  })
}

/** A plain connection: answers go to requests in order. */
export class TalkConnection implements Talk {
  readonly ended: Promise<void>
  sessionEndsAt = Number.POSITIVE_INFINITY
  #sentAt = performance.now()
  #endedAt = Number.NaN
  readonly #socket: Socket
  readonly #waiting: PendingAnswer[] = []
  #received: Buffer = Buffer.alloc(0)
  #correlationId = 0

  constructor(host: string, port: number) {
    this.#socket = connect({ host, port, noDelay: true })
    this.#socket.on('data', (chunk) => this.#take(chunk))
    this.#socket.on('error', () => undefined)
    this.ended = new Promise((resolve) => {
      this.#socket.on('close', () => {
        this.#endedAt = performance.now()
        for (const pending of this.#waiting.splice(0)) pending.fail(new ConnectionClosed())
        resolve()
      })
    })
  }

  send(api: Api, version: number, request: Json, options: SendOptions = {}): PendingAnswer {
    const pending = answerTo(api, version)
    if (!options.noResponse) this.#expect(pending)
    const message = fromJson(api.request, request ?? {})
    const frame = Buffer.concat(
      encodeRequest(
        api,
        version,
        { correlationId: ++this.#correlationId, clientId: options.clientId ?? 'talk' },
        message as never,
      ),
    )
    const body = Buffer.concat([frame.subarray(4, frame.length - (options.cut ?? 0)), options.extra ?? Buffer.alloc(0)])
    this.write(frameOf(body))
    return pending
  }

  sendToken(token: Buffer, { noResponse }: SendOptions): PendingAnswer {
    const pending = new PendingAnswer((frame) => ({ token: frame.toString('base64') }))
    if (!noResponse) this.#expect(pending)
    this.write(frameOf(token))
    return pending
  }

  sendRaw(api: Api, version: number, bytes: Buffer): PendingAnswer {
    const pending = answerTo(api, version)
    this.#expect(pending)
    this.write(bytes)
    return pending
  }

  write(bytes: Buffer): void {
    this.#sentAt = performance.now()
    this.#socket.write(bytes)
  }

  get endedAfterMs(): number {
    return this.#endedAt - this.#sentAt
  }

  close(): void {
    this.#socket.destroy()
  }

  #expect(pending: PendingAnswer): void {
    if (Number.isNaN(this.#endedAt)) this.#waiting.push(pending)
    else pending.fail(new ConnectionClosed())
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    while (this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)) {
      const end = 4 + this.#received.readInt32BE(0)
      this.#waiting.shift()?.answer(this.#received.subarray(4, end))
      this.#received = this.#received.subarray(end)
    }
  }
}

function frameOf(body: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}
