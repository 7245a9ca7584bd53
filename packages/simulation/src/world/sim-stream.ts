import type { Address, ByteSink, ByteStream } from '@rivven/runtime'
import type { Life } from './life.js'
import type { Pipe } from './pipe.js'

/** What a system takes of a process although nobody has read it yet. */
const windowBytes = 256 * 1024

interface Sent {
  readonly endsAt: number
  readonly taken: () => void
}

/** One end of a simulated connection. */
export class SimStream implements ByteStream {
  readonly remote: Address
  readonly #life: Life
  #out!: Pipe
  #in!: Pipe
  #peer!: SimStream
  #sink: ByteSink | undefined
  #isPaused = false
  #isClosed = false
  /** The end of the other side came before anybody listened. */
  #closedEarly: { error: Error | undefined } | undefined
  #written = 0
  #read = 0
  #sent: Sent[] = []
  #wasFull = false
  /** Called once, when this end is gone. */
  onGone: (() => void) | undefined

  constructor(life: Life, remote: Address) {
    this.#life = life
    this.remote = remote
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Joins two ends. */
  join(peer: SimStream, out: Pipe, incoming: Pipe): void {
    this.#peer = peer
    this.#out = out
    this.#in = incoming
    out.onRead = (count) => this.#wasRead(count)
  }

  start(sink: ByteSink): void {
    this.#sink = sink
    this.#life.after(0, 'starts to read', () => {
      this.#in.read()
      if (this.#closedEarly) this.#tellClosed(this.#closedEarly.error)
    })
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#life.after(0, 'reads on', () => this.#in.read())
  }

  write(chunks: readonly Uint8Array[], taken?: () => void): void {
    if (this.#isClosed) {
      taken?.()
      return
    }
    const bytes = Buffer.concat(chunks)
    this.#written += bytes.length
    if (taken) this.#sent.push({ endsAt: this.#written, taken })
    if (this.buffered > 0) this.#wasFull = true
    this.#tellTakenSoon()
    this.#out.send(bytes)
  }

  get buffered(): number {
    return Math.max(0, this.#written - this.#read - windowBytes)
  }

  end(): void {
    this.#close(undefined)
  }

  destroy(): void {
    this.#close(undefined)
  }

  /** Its process was killed: the system ends the connection for it. */
  reset(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onGone?.()
    this.#out.end(() => this.#peer.peerEnded(connectionReset()))
  }

  /** What the other side sent has all come, and it is gone. */
  peerEnded(error: Error | undefined): void {
    if (this.#isClosed) return
    if (!this.#sink) {
      this.#closedEarly = { error }
      return
    }
    this.#in.read()
    this.#close(error)
  }

  /** Takes what arrives, as far as the sink wants it. */
  readonly take = (bytes: Buffer): number => {
    let at = 0
    while (at < bytes.length && this.#sink && !this.#isPaused && !this.#isClosed) {
      const target = this.#sink.target()
      const count = Math.min(target.length, bytes.length - at)
      target.set(bytes.subarray(at, at + count))
      at += count
      this.#sink.received(count)
    }
    return this.#isClosed ? bytes.length : at
  }

  #close(error: Error | undefined): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onGone?.()
    this.#out.end(() => this.#peer.peerEnded(undefined))
    this.#life.after(0, 'is closed', () => this.#tellClosed(error))
  }

  #tellClosed(error: Error | undefined): void {
    const sink = this.#sink
    if (!sink) return
    this.#sink = undefined
    this.#isClosed = true
    this.#closedEarly = undefined
    for (const { taken } of this.#sent.splice(0)) taken()
    if (error) sink.closed(error)
    else sink.closed()
  }

  #wasRead(count: number): void {
    this.#read += count
    this.#tellTakenSoon()
  }

  #tellTakenSoon(): void {
    const isAwaited = this.#sent.length > 0 || this.#wasFull
    if (isAwaited && !this.#life.isDead) this.#life.after(0, 'bytes are taken', () => this.#tellTaken())
  }

  #tellTaken(): void {
    while (this.#sent.length > 0 && this.#sent[0]!.endsAt <= this.#read + windowBytes) this.#sent.shift()!.taken()
    if (this.#isClosed || !this.#wasFull || this.buffered > 0) return
    this.#wasFull = false
    this.#sink?.drained()
  }
}

function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
}
