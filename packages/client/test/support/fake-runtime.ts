import {
  type Address,
  type ByteSink,
  type ByteStream,
  type Clock,
  type Disk,
  inlineBackground,
  inlineHashing,
  type Network,
  noWeb,
  type Random,
  type Runtime,
  type Timer,
} from '@rivven/runtime'

/** Time that only moves when a test moves it. */
export class FakeClock implements Clock {
  #now = 0
  #timers: { at: number; callback: () => void }[] = []

  now(): number {
    return 1_700_000_000_000 + this.#now
  }

  monotonic(): number {
    return this.#now
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, delayMs), callback }
    this.#timers.push(timer)
    return { cancel: () => this.#remove(timer) }
  }

  get pending(): number {
    return this.#timers.length
  }

  /** Moves time on, firing timers in their order and letting everything settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#timers.reduce<{ at: number; callback: () => void } | null>(
        (first, timer) => (first === null || timer.at < first.at ? timer : first),
        null,
      )
      if (next === null || next.at > end) break
      this.#remove(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await settle()
    }
    this.#now = end
  }

  /** Moves time on until the promise has settled. */
  async until<T>(promise: Promise<T>, limitMs = 600_000): Promise<T> {
    let settled = false
    const end = () => {
      settled = true
    }
    promise.then(end, end)
    const deadline = this.#now + limitMs
    await settle()
    while (!settled && this.#now < deadline) await this.advance(this.#untilNext())
    if (!settled) throw new Error(`not settled after ${limitMs} ms`)
    return promise
  }

  #untilNext(): number {
    const next = Math.min(...this.#timers.map(({ at }) => at))
    return Number.isFinite(next) ? Math.max(0, next - this.#now) : 1000
  }

  #remove(timer: { at: number }): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }
}

/** Lets promises and immediates run until nothing more comes of them. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Reproducible chance (mulberry32). */
export class SeededRandom implements Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  uuid(): string {
    const hex = Array.from({ length: 32 }, () => this.below(16).toString(16)).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
  }
}

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

/** A world in which nothing happens by itself. */
export function fakeRuntime(seed = 1): Runtime & { clock: FakeClock; random: SeededRandom; network: FakeNetwork } {
  const world = {
    clock: new FakeClock(),
    random: new SeededRandom(seed),
    network: new FakeNetwork(),
    disk: noDisk,
    hashing: inlineHashing,
    web: noWeb,
  }
  return { ...world, background: inlineBackground(world) }
}

const noDisk = new Proxy({} as Disk, {
  get: () => {
    throw new Error('a client has no disk')
  },
})
