import type { Address, ByteStream, Listener, Network } from '@rivven/runtime'
import type { Life } from './life.js'
import { Pipe } from './pipe.js'
import type { SeededRandom } from './seeded-random.js'
import { SimStream } from './sim-stream.js'

interface Accepting {
  readonly life: Life
  readonly accept: (stream: ByteStream) => void
}

interface Line {
  readonly hosts: readonly [string, string]
  /** From the first host to the second, and back. */
  readonly pipes: readonly [Pipe, Pipe]
}

/** Bytes as they leave one end, before any delay: for those who watch. */
export type Tap = (facts: {
  from: string
  to: string
  connection: number
  /** Sent by the end that opened the connection. */
  isAsked: boolean
  bytes: Buffer
}) => void

/** The network between all hosts: each connection has its own pace, lines can be cut, slow, or cut in one direction. */
export class SimNetwork {
  readonly #random: SeededRandom
  readonly #listeners = new Map<string, Accepting>()
  readonly #lines = new Set<Line>()
  /** `from to`: no byte gets through in this direction. */
  readonly #cuts = new Set<string>()
  readonly #slowHosts = new Map<string, number>()
  #nextPort = 40_000
  /** Told of all bytes when they leave. */
  readonly taps: Tap[] = []
  /** Told when lines were cut or healed: for what travels by other means than a connection. */
  readonly onCut: (() => void)[] = []

  constructor(random: SeededRandom) {
    this.#random = random
  }

  /** The network as a process sees it. */
  of(life: Life): Network {
    return {
      listen: (address, accept) => this.#listen(life, address, accept),
      connect: (address, timeoutMs) => this.#connect(life, address, timeoutMs),
    }
  }

  /** Nothing gets through between two hosts any more; 'to' and 'from' cut one direction, seen from the first. */
  cut(a: string, b: string, direction: 'both' | 'to' | 'from' = 'both'): void {
    if (direction !== 'from') this.#cuts.add(`${a} ${b}`)
    if (direction !== 'to') this.#cuts.add(`${b} ${a}`)
    this.#applyAll()
  }

  heal(a: string, b: string): void {
    this.#cuts.delete(`${a} ${b}`)
    this.#cuts.delete(`${b} ${a}`)
    this.#applyAll()
  }

  healAll(): void {
    this.#cuts.clear()
    this.#slowHosts.clear()
    this.#applyAll()
  }

  /** Whether nothing gets from one host to another. */
  isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from} ${to}`)
  }

  /** How long something takes from one host to another, this time. */
  delay(from: string, to: string): number {
    const usual = this.#random.between(0.05, 0.6)
    const slow = (this.#slowHosts.get(from) ?? 0) + (this.#slowHosts.get(to) ?? 0)
    return usual + (slow > 0 ? slow * this.#random.between(0.5, 1.5) : 0)
  }

  /** Everything from and to this host takes so much longer. */
  slow(host: string, extraMs: number): void {
    this.#slowHosts.set(host, extraMs)
  }

  #applyAll(): void {
    for (const line of this.#lines) this.#apply(line)
    for (const told of this.onCut) told()
  }

  #apply({ hosts: [a, b], pipes: [there, back] }: Line): void {
    for (const [pipe, way] of [
      [there, `${a} ${b}`],
      [back, `${b} ${a}`],
    ] as const) {
      if (this.#cuts.has(way)) pipe.cut()
      else pipe.heal()
    }
  }

  async #listen(life: Life, address: Address, accept: (stream: ByteStream) => void): Promise<Listener> {
    const port = address.port === 0 ? this.#nextPort++ : address.port
    const key = `${address.host}:${port}`
    const taken = this.#listeners.get(key)
    if (taken && !taken.life.isDead) throw failure('EADDRINUSE', key)
    const accepting = { life, accept }
    this.#listeners.set(key, accepting)
    return {
      address: { host: address.host, port },
      close: async () => {
        if (this.#listeners.get(key) === accepting) this.#listeners.delete(key)
      },
    }
  }

  #connect(life: Life, address: Address, timeoutMs: number): Promise<ByteStream> {
    const key = `${address.host}:${address.port}`
    const from = life.host.name
    return new Promise((resolve, reject) => {
      if (this.#cuts.has(`${from} ${address.host}`) || this.#cuts.has(`${address.host} ${from}`)) {
        life.after(timeoutMs, 'connect times out', () => reject(failure('ETIMEDOUT', key)))
        return
      }
      life.after(2 * this.delay(from, address.host), 'connects', () => {
        const accepting = this.#listeners.get(key)
        if (!accepting || accepting.life.isDead) reject(failure('ECONNREFUSED', key))
        else resolve(this.#join(life, accepting, address))
      })
    })
  }

  #join(client: Life, { life: server, accept }: Accepting, address: Address): ByteStream {
    const [from, to] = [client.host.name, address.host]
    const port = this.#nextPort++
    const near = new SimStream(client, address)
    const far = new SimStream(server, { host: from, port })
    // A connection has a pace of its own: what is sent on another may overtake it.
    const pace = this.#random.chance(0.1) ? this.#random.between(1, 20) : 1
    const delay = () => pace * this.delay(from, to)
    const there = new Pipe(server, delay, far.take)
    const back = new Pipe(client, delay, near.take)
    near.join(far, this.#tapped(there, { from, to, connection: port, isAsked: true }), back)
    far.join(near, this.#tapped(back, { from: to, to: from, connection: port, isAsked: false }), there)
    const line: Line = { hosts: [from, to], pipes: [there, back] }
    this.#lines.add(line)
    this.#apply(line)
    near.onGone = () => this.#forgetLater(line, near, far)
    far.onGone = () => this.#forgetLater(line, near, far)
    client.onDeath(() => near.reset())
    server.onDeath(() => far.reset())
    server.after(0, 'accepts', () => accept(far))
    return near
  }

  /** What is still under way at a cut must be able to come. */
  #forgetLater(line: Line, near: SimStream, far: SimStream): void {
    if (near.isClosed && far.isClosed && !line.pipes.some(({ isStalled }) => isStalled)) this.#lines.delete(line)
  }

  #tapped(pipe: Pipe, facts: Omit<Parameters<Tap>[0], 'bytes'>): Pipe {
    const send = pipe.send.bind(pipe)
    pipe.send = (bytes) => {
      for (const tap of this.taps) tap({ ...facts, bytes })
      send(bytes)
    }
    return pipe
  }
}

function failure(code: string, address: string): Error {
  return Object.assign(new Error(`connect ${code} ${address}`), { code })
}
