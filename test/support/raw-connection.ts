import { connect, type Socket } from 'node:net'
import { type Api, decodeResponse, encodeRequest, type ResponseOf } from '@rivven/protocol'

/** A TCP connection on which a test writes whatever it likes. */
export class RawConnection {
  #received: Buffer = Buffer.alloc(0)
  #closed = false
  #waiting: (() => void)[] = []
  #correlationId = 0

  protected constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#closed = true
      this.#wake()
    })
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new RawConnection(socket)
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  /** A frame with the right length around these bytes. */
  sendFrame(...parts: Uint8Array[]): void {
    const body = Buffer.concat(parts)
    const size = Buffer.alloc(4)
    size.writeInt32BE(body.length)
    this.send(Buffer.concat([size, body]))
  }

  async call<A extends Api>(
    api: A,
    version: number,
    request: Parameters<typeof encodeRequest<A>>[3],
  ): Promise<ResponseOf<A>> {
    this.send(
      Buffer.concat(encodeRequest(api, version, { correlationId: this.#correlationId++, clientId: 'raw' }, request)),
    )
    return decodeResponse(api, version, await this.nextFrame()).message as ResponseOf<A>
  }

  /** The next answer, without its length; rejects when the connection closes first. */
  async nextFrame(withinMs = 60_000): Promise<Buffer> {
    const whole = () => this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)
    // Another call may have taken the one that both were woken for.
    while (!whole()) {
      if (this.#closed) throw new Error('the broker closed the connection')
      await this.#until(() => whole() || this.#closed, withinMs, 'an answer')
    }
    const end = 4 + this.#received.readInt32BE(0)
    const frame = this.#received.subarray(4, end)
    this.#received = this.#received.subarray(end)
    return frame
  }

  /** Waits until the broker has closed the connection. */
  async closed(withinMs = 60_000): Promise<void> {
    await this.#until(() => this.#closed, withinMs, 'the end of the connection')
  }

  get receivedBytes(): number {
    return this.#received.length
  }

  destroy(): void {
    this.socket.destroy()
  }

  async #until(condition: () => boolean, withinMs: number, what: string): Promise<void> {
    const late = setTimeout(() => this.#wake(), withinMs)
    const deadline = performance.now() + withinMs
    try {
      while (!condition()) {
        if (performance.now() >= deadline) {
          await turns(3)
          if (condition()) return
          throw new Error(`no ${what} within ${withinMs} ms`)
        }
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      }
    } finally {
      clearTimeout(late)
    }
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

/** Where this process was held up its time is over before it has seen what came in time. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
