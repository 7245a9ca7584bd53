import type { ByteSink, ByteStream } from '@rivven/runtime'

/** A connection without a network: the test feeds bytes in and sees what comes out. */
export class FakeStream implements ByteStream {
  readonly remote = { host: '10.0.0.9', port: 1234 }
  readonly written: Buffer[] = []
  writes = 0
  buffered = 0
  isPaused = false
  isEnded = false
  isDestroyed = false
  #sink: ByteSink | undefined

  start(sink: ByteSink): void {
    this.#sink = sink
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  write(chunks: readonly Uint8Array[], taken?: () => void): void {
    this.writes += 1
    this.written.push(Buffer.concat(chunks))
    taken?.()
  }

  end(): void {
    this.isEnded = true
    this.lose()
  }

  destroy(): void {
    this.isDestroyed = true
    this.lose()
  }

  /** What the peer sends. */
  feed(...bytes: readonly Uint8Array[]): void {
    const all = Buffer.concat(bytes)
    for (let at = 0; at < all.length; ) {
      const target = this.#sink?.target() as Uint8Array
      const count = Math.min(target.length, all.length - at)
      target.set(all.subarray(at, at + count))
      this.#sink?.received(count)
      at += count
    }
  }

  /** The peer is gone. */
  lose(): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.closed()
  }

  /** The peer has read everything. */
  drain(): void {
    this.buffered = 0
    this.#sink?.drained()
  }

  /** Correlation ids of all answers so far, in order. */
  get answered(): number[] {
    const all = Buffer.concat(this.written)
    const ids: number[] = []
    for (let at = 0; at < all.length; at += 4 + all.readInt32BE(at)) ids.push(all.readInt32BE(at + 4))
    return ids
  }
}
