// Hot path: see socket-stream.
import type { ByteSink } from '../runtime.js'

/** A connection's first answer is small; what comes behind it goes straight to the sink. */
const FIRST_READ_BYTES = 16 * 1024

/**
 * The `onread` of a socket that is made before its sink is there: the first bytes are copied, all others are read into the
 * sink's memory. A socket asks for memory when it is made and after each read.
 */
export class SinkReads {
  #sink: ByteSink | null = null
  #isOpen: () => boolean = () => true
  #first: Uint8Array | null = null

  into(sink: ByteSink, isOpen: () => boolean): void {
    this.#sink = sink
    this.#isOpen = isOpen
  }

  readonly buffer = (): Uint8Array => {
    if (this.#sink) return this.#sink.target()
    this.#first = new Uint8Array(FIRST_READ_BYTES)
    return this.#first
  }

  readonly callback = (count: number): boolean => {
    const first = this.#first
    this.#first = null
    if (first && this.#sink) pour(first.subarray(0, count), this.#sink, this.#isOpen)
    else this.#sink?.received(count)
    return true
  }
}

/** Hands bytes to a sink that were read elsewhere, until it has closed its connection. */
export function pour(bytes: Uint8Array, sink: ByteSink, isOpen: () => boolean): void {
  for (let at = 0; at < bytes.length && isOpen(); ) {
    const room = sink.target()
    const count = Math.min(room.length, bytes.length - at)
    room.set(bytes.subarray(at, at + count))
    sink.received(count)
    at += count
  }
}
