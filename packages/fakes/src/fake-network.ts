import type { Address, ByteSink, ByteStream, Network } from '@rivven/runtime'

/** The broker's end of a connection that the client opened. */
export interface ServerEnd {
  readonly address: Address
  /** Bytes of whole requests, without their size. */
  onFrame: (frame: Buffer) => void
  onClosed: () => void
  readonly isClosed: boolean
  /** Sends bytes to the client, in pieces of at most `pieceSize`. */
  send: (bytes: Uint8Array, pieceSize?: number) => void
  close: (error?: Error) => void
}

/** A network whose other end is a test. */
export class FakeNetwork implements Network {
  readonly connections: ServerEnd[] = []
  /** Addresses, as host:port, at which nobody answers. */
  readonly down = new Set<string>()
  /** Hosts that there are not. */
  readonly unknownHosts = new Set<string>()
  /** Addresses at which connections are neither taken nor refused. */
  readonly silent = new Set<string>()
  onConnect: (end: ServerEnd) => void = () => undefined

  listen(): never {
    throw new Error('a client does not listen')
  }

  async connect(address: Address): Promise<ByteStream> {
    const where = `${address.host}:${address.port}`
    if (this.down.has(where)) throw Object.assign(new Error(`connect ECONNREFUSED ${where}`), { code: 'ECONNREFUSED' })
    if (this.unknownHosts.has(address.host))
      throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${address.host}`), { code: 'ENOTFOUND' })
    if (this.silent.has(where)) return new Promise(() => undefined)
    const { stream, end } = connectionPair(address)
    this.connections.push(end)
    this.onConnect(end)
    return stream
  }
}

function connectionPair(address: Address): { stream: ByteStream; end: ServerEnd } {
  let sink: ByteSink | null = null
  let isClosed = false
  let received = Buffer.alloc(0)
  const close = (error?: Error) => {
    if (isClosed) return
    isClosed = true
    setImmediate(() => {
      sink?.closed(error)
      end.onClosed()
    })
  }
  const deliver = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length && !isClosed; ) {
      const target = sink!.target()
      const count = Math.min(target.length, bytes.length - at)
      target.set(bytes.subarray(at, at + count))
      at += count
      sink!.received(count)
    }
  }
  const cutFrames = () => {
    while (!isClosed && received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const frame = received.subarray(4, 4 + received.readInt32BE(0))
      received = received.subarray(4 + frame.length)
      end.onFrame(frame)
    }
  }
  const end: ServerEnd = {
    address,
    onFrame: () => undefined,
    onClosed: () => undefined,
    get isClosed() {
      return isClosed
    },
    send: (bytes, pieceSize = bytes.length) => {
      for (let at = 0; at < bytes.length; at += pieceSize) {
        const piece = Buffer.from(bytes.subarray(at, at + pieceSize))
        setImmediate(() => deliver(piece))
      }
    },
    close,
  }
  const stream: ByteStream = {
    remote: address,
    buffered: 0,
    start: (given) => {
      sink = given
    },
    pause: () => undefined,
    resume: () => undefined,
    write: (chunks) => {
      const bytes = Buffer.concat(chunks)
      setImmediate(() => {
        if (isClosed) return
        received = Buffer.concat([received, bytes])
        cutFrames()
      })
    },
    end: () => close(),
    destroy: () => close(),
  }
  return { stream, end }
}
