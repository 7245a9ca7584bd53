import { connect, type Socket } from 'node:net'
import { type Api, decodeResponse, encodeRequest, type ResponseOf } from '@rivven/protocol'
import { nodeListenHttp, nodeRuntime } from '@rivven/runtime'
import { Broker } from '../../src/broker.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { silentLog } from '../../src/log-output.js'
import { memoryStorage } from '../../src/open-storage.js'
import type { OwnStorage } from '../../src/storage/own-storage.js'

const runtime = nodeRuntime()

/** A broker with HTTP on a free port, and one connection of a client. */
export class HttpBroker {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #wake: () => void = () => undefined

  private constructor(
    readonly broker: Broker,
    readonly url: string,
    socket: Socket,
  ) {
    this.#socket = socket
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
  }

  static async start(
    values: Record<string, unknown> = {},
    storage: OwnStorage = memoryStorage(runtime),
  ): Promise<HttpBroker> {
    const defaults = { listen: '127.0.0.1:0', http: '127.0.0.1:0', group_initial_rebalance_delay_ms: 0 }
    const config = brokerConfig([{ from: 'test', values: { ...defaults, ...values } }])
    const broker = await Broker.start({ config, runtime, storage, log: silentLog(), listenHttp: nodeListenHttp })
    const socket = connect(broker.address)
    return new HttpBroker(broker, `http://127.0.0.1:${broker.httpAddress?.port}`, socket)
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`)
  }

  async json(path: string): Promise<unknown> {
    return (await this.get(path)).json()
  }

  /** Samples of `/metrics` by name and labels, as they stand there. */
  async metrics(): Promise<Map<string, number>> {
    return samplesOf(await (await this.get('/metrics')).text())
  }

  async call<A extends Api>(
    api: A,
    version: number,
    request: Parameters<typeof encodeRequest<A>>[3],
  ): Promise<ResponseOf<A>> {
    this.#socket.write(Buffer.concat(encodeRequest(api, version, { correlationId: 1, clientId: 'app' }, request)))
    const isWhole = (): boolean =>
      this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)
    while (!isWhole()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const end = 4 + this.#received.readInt32BE(0)
    const frame = this.#received.subarray(4, end)
    this.#received = this.#received.subarray(end)
    return decodeResponse(api, version, frame).message as ResponseOf<A>
  }

  async close(): Promise<void> {
    this.#socket.destroy()
    await this.broker.close()
  }
}

/** Reads the text format; a line that is no sample is an error. */
export function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})?) (\S+)$/.exec(line)
    if (!match || samples.has(match[1]!)) throw new Error(`no sample, or one that was there: ${line}`)
    samples.set(match[1]!, Number(match[2]))
  }
  return samples
}
