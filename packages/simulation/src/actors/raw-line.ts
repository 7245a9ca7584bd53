import { type Api, encodeRequest } from '@rivven/protocol'
import type { Address, ByteStream, Runtime } from '@rivven/runtime'

/** A connection without the manners of a client: whatever is asked is sent, and what is answered is passed over. */
export class RawLine {
  readonly #stream: ByteStream
  readonly #clientId: string
  readonly #target = Buffer.alloc(65_536)
  #received: Buffer = Buffer.alloc(0)
  #correlationId = 0
  #isOpen = true
  #wake: () => void = () => undefined

  /** Undefined: nobody is there. */
  static async open(runtime: Runtime, address: Address, clientId: string): Promise<RawLine | undefined> {
    try {
      return new RawLine(await runtime.network.connect(address, 1_000), clientId)
    } catch {
      return undefined
    }
  }

  private constructor(stream: ByteStream, clientId: string) {
    this.#stream = stream
    this.#clientId = clientId
    stream.start({
      target: () => this.#target,
      received: (count) => this.#take(count),
      drained: () => undefined,
      closed: () => this.#end(),
    })
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Resolves when it is answered, or the connection is gone. */
  async ask(api: Api, version: number, request: object): Promise<void> {
    if (!this.#isOpen) return
    const answered = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    const header = { correlationId: this.#correlationId++, clientId: this.#clientId }
    this.#stream.write(encodeRequest(api, version, header, request))
    await answered
  }

  close(): void {
    this.#stream.destroy()
    this.#end()
  }

  #take(count: number): void {
    this.#received = Buffer.concat([this.#received, this.#target.subarray(0, count)])
    if (this.#received.length < 4) return
    const end = 4 + this.#received.readInt32BE(0)
    if (this.#received.length < end) return
    this.#received = this.#received.subarray(end)
    this.#wake()
  }

  #end(): void {
    this.#isOpen = false
    this.#wake()
  }
}
