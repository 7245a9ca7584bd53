import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { type ByteSink, type ByteStream, nodeNetwork } from '../../src/index.js'
import { SocketStream } from '../../src/node/socket-stream.js'

const content = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 31) & 0xff))

/** Puts what comes into small pieces of memory, and keeps it. */
class Collector implements ByteSink {
  readonly #parts: Buffer[] = []
  #room: Buffer = Buffer.alloc(0)
  /** All bytes, when the connection is gone. */
  readonly done: Promise<Buffer>
  #end: (bytes: Buffer | PromiseLike<never>) => void = () => undefined
  readonly #onBytes: (seen: number) => void

  constructor(onBytes: (seen: number) => void = () => undefined) {
    this.#onBytes = onBytes
    this.done = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  target(): Uint8Array {
    this.#room = Buffer.alloc(1000)
    return this.#room
  }

  received(count: number): void {
    this.#parts.push(this.#room.subarray(0, count))
    this.#onBytes(this.#parts.length)
  }

  drained(): void {
    // Nothing is written here.
  }

  closed(error?: Error): void {
    this.#end(error ? Promise.reject(error) : Buffer.concat(this.#parts))
  }
}

/** A server that sends the content to whoever comes. */
async function server() {
  const listening = createServer((socket) => socket.on('error', () => undefined).end(content)).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  return { port, host: '127.0.0.1', [Symbol.dispose]: () => void listening.close() }
}

/** A stream whose socket has none of Node's own ways to read into memory, as those of Bun and Deno. */
async function foreignStream(port: number): Promise<ByteStream> {
  const socket: Socket = connect({ port, host: '127.0.0.1' }).pause()
  await once(socket, 'connect')
  Object.defineProperty((socket as unknown as { _handle: object })._handle, 'useUserBuffer', { value: undefined })
  return new SocketStream(socket)
}

const openers: [string, (port: number) => Promise<ByteStream>][] = [
  ['a connection of ours', (port) => nodeNetwork.connect({ host: '127.0.0.1', port }, 60_000)],
  ['a socket without Node’s handle', foreignStream],
]

for (const [what, open] of openers) {
  test(`${what} gives its sink all bytes in order, from the first on`, async () => {
    using sender = await server()
    const stream = await open(sender.port)
    // What came before the start is not lost.
    await new Promise(setImmediate)
    const sink = new Collector()
    stream.start(sink)
    assert.ok((await sink.done).equals(content))
  })

  test(`${what} gives nothing more to a sink that has closed it`, async () => {
    using sender = await server()
    const stream = await open(sender.port)
    const sink = new Collector((seen) => {
      assert.equal(seen, 1)
      stream.destroy()
    })
    stream.start(sink)
    assert.ok((await sink.done).length <= 1000)
  })
}
