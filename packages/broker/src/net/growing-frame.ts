// Hot path: bytes of a large frame land here.
import { frameBuffers } from '../frame-buffers.js'

/** So much of the memory before is copied at once, however little has come: less is not worth another look. */
const LEAST_COPIED = 256 * 1024

/**
 * A large frame that is being read. Its memory grows with what comes, whatever it claims; what has come is carried over to the
 * larger one as more comes: at once it would be some 30 ms for 32 MiB.
 */
export class GrowingFrame {
  readonly #size: number
  #memory: Buffer
  #filled = 0
  /** Memory that has become too small, while it is carried over, and how much of it is. */
  #before: Buffer | undefined
  #carried = 0

  /** Begins with at most `first` bytes of memory, and with less where that, doubled again and again, is just what it needs. */
  constructor(size: number, first: number) {
    let room = size
    while (room > first) room = Math.ceil(room / 2)
    this.#size = size
    this.#memory = frameBuffers.take(room)
  }

  /** Bytes that have come. */
  get filled(): number {
    return this.#filled
  }

  /** Memory that it has. */
  get room(): number {
    return this.#memory.length + (this.#before?.length ?? 0)
  }

  /** Where the next bytes belong. */
  get target(): Buffer {
    return this.#memory.subarray(this.#filled)
  }

  /** So many bytes have come to the target. The frame, once it is whole. */
  received(count: number): Buffer | undefined {
    this.#filled += count
    const isWhole = this.#filled === this.#size
    this.#carry(isWhole ? this.#filled : count)
    if (isWhole) return this.#memory
    if (this.#filled === this.#memory.length) this.#grow()
    return undefined
  }

  /** It will not be whole. */
  giveBack(): void {
    frameBuffers.giveBack(this.#memory)
    if (this.#before) frameBuffers.giveBack(this.#before)
    this.#before = undefined
  }

  #grow(): void {
    this.#before = this.#memory
    this.#carried = 0
    this.#memory = frameBuffers.take(Math.min(this.#size, this.#memory.length * 2))
    this.#carry(0)
  }

  /** Memory doubles, so that all is carried over before it grows again, or the frame is whole. */
  #carry(count: number): void {
    const before = this.#before
    if (!before) return
    this.#carried += before.copy(
      this.#memory,
      this.#carried,
      this.#carried,
      this.#carried + Math.max(count, LEAST_COPIED),
    )
    if (this.#carried < before.length) return
    this.#before = undefined
    frameBuffers.giveBack(before)
  }
}
