import { connect, type Socket } from 'node:net'
import { type Api, decodeResponse, encodeRequest } from '@rivven/protocol'
import type { Json } from './conversation.js'
import { fromJson, toJson, versionOfAnswer } from './messages-as-json.js'

/** A request under way. */
export class PendingAnswer {
  readonly sentAt = performance.now()
  answeredAt = Number.NaN
  readonly #frame: Promise<Buffer>
  #resolve!: (frame: Buffer) => void
  #reject!: (error: Error) => void

  constructor(
    readonly api: Api,
    readonly version: number,
  ) {
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

  /** The answer, or undefined when there is none within so many ms. */
  async within(ms: number): Promise<Json | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ms)
    })
    const frame = await Promise.race([this.#frame, late]).finally(() => clearTimeout(timer))
    if (!frame) return undefined
    const { message } = decodeResponse(this.api, versionOfAnswer(this.api, this.version, frame), frame)
    return toJson(this.api.response, message)
  }
}

/** A plain connection: answers go to requests in order. */
export class TalkConnection {
  readonly ended: Promise<void>
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
        for (const pending of this.#waiting.splice(0)) pending.fail(new Error('the connection was closed'))
        resolve()
      })
    })
  }

  send(
    api: Api,
    version: number,
    request: Json,
    options: { clientId?: string; noResponse?: boolean; cut?: number; extra?: Buffer } = {},
  ): PendingAnswer {
    const pending = new PendingAnswer(api, version)
    if (!options.noResponse) this.#waiting.push(pending)
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
    const size = Buffer.alloc(4)
    size.writeInt32BE(body.length)
    this.write(Buffer.concat([size, body]))
    return pending
  }

  sendRaw(api: Api, version: number, bytes: Buffer): PendingAnswer {
    const pending = new PendingAnswer(api, version)
    this.#waiting.push(pending)
    this.write(bytes)
    return pending
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  close(): void {
    this.#socket.destroy()
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
