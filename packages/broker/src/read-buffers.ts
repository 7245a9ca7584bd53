// Hot path: memory for what is read from files and sent at once. Used again as soon as the answer has left; to give each
// read memory of its own and leave it to the garbage collector took a third of the broker's time.

const SMALLEST = 64 * 1024
const LARGEST = 4 * 1024 * 1024
/** Memory kept for the next reads. */
const MAX_IDLE_BYTES = 32 * 1024 * 1024

/** Buffers in some sizes; whoever sends one gives it back when the operating system has taken its bytes. */
export class ReadBuffers {
  readonly #sizesPerDoubling: number
  readonly #idle = new Map<number, ArrayBuffer[]>()
  /** Weak: a buffer that is never given back is just garbage. */
  readonly #lent = new WeakSet<ArrayBufferLike>()
  #idleBytes = 0

  /** Sizes are powers of two, and with more `sizesPerDoubling` some between: less memory lies behind what is used. */
  constructor(sizesPerDoubling = 1) {
    this.#sizesPerDoubling = sizesPerDoubling
  }

  /** Memory that nobody else uses; its content is undefined. */
  take(size: number): Buffer {
    if (size > LARGEST) return Buffer.allocUnsafeSlow(size)
    const capacity = this.#capacityFor(size)
    const reused = this.#idle.get(capacity)?.pop()
    if (reused) this.#idleBytes -= capacity
    const memory = reused ?? Buffer.allocUnsafeSlow(capacity).buffer
    this.#lent.add(memory)
    return Buffer.from(memory, 0, size)
  }

  /** The memory of these bytes is kept by somebody: it is not used again, even if it is given back. */
  keep({ buffer }: Uint8Array): void {
    this.#lent.delete(buffer)
  }

  isLent(bytes: Uint8Array): boolean {
    return this.#lent.has(bytes.buffer)
  }

  /** Only for memory that nobody will look at again. What was not lent is left alone. */
  giveBack({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer)) return
    if (this.#idleBytes + buffer.byteLength > MAX_IDLE_BYTES) this.#forgetIdle()
    const capacity = buffer.byteLength
    const idle = this.#idle.get(capacity)
    if (idle) idle.push(buffer as ArrayBuffer)
    else this.#idle.set(capacity, [buffer as ArrayBuffer])
    this.#idleBytes += capacity
  }

  /** Much of it is of sizes that nobody asks for any more. */
  #forgetIdle(): void {
    this.#idle.clear()
    this.#idleBytes = 0
  }

  #capacityFor(size: number): number {
    let step = SMALLEST / this.#sizesPerDoubling
    while (step * 2 * this.#sizesPerDoubling < size) step *= 2
    return Math.ceil(size / step) * step
  }
}

/** One for the process: what one broker has read another may send. */
export const readBuffers = new ReadBuffers(4)
