// Hot path: memory for what is read from files and sent at once. Used again as soon as the answer has left; to give each
// read memory of its own and leave it to the garbage collector took a third of the broker's time.

const SMALLEST = 64 * 1024
const LARGEST = 4 * 1024 * 1024
/** Memory kept for the next reads. */
const MAX_IDLE_BYTES = 32 * 1024 * 1024

/** Buffers in sizes of powers of two; whoever sends one gives it back when the operating system has taken its bytes. */
export class ReadBuffers {
  readonly #idle = new Map<number, ArrayBuffer[]>()
  /** Weak: a buffer that is never given back is just garbage. */
  readonly #lent = new WeakSet<ArrayBufferLike>()
  #idleBytes = 0

  /** Memory that nobody else uses; its content is undefined. */
  take(size: number): Buffer {
    if (size > LARGEST) return Buffer.allocUnsafeSlow(size)
    const capacity = capacityFor(size)
    const reused = this.#idle.get(capacity)?.pop()
    if (reused) this.#idleBytes -= capacity
    const memory = reused ?? Buffer.allocUnsafeSlow(capacity).buffer
    this.#lent.add(memory)
    return Buffer.from(memory, 0, size)
  }

  isLent(bytes: Uint8Array): boolean {
    return this.#lent.has(bytes.buffer)
  }

  /** Only for memory that nobody will look at again. What was not lent is left alone. */
  giveBack({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer) || this.#idleBytes + buffer.byteLength > MAX_IDLE_BYTES) return
    const capacity = buffer.byteLength
    const idle = this.#idle.get(capacity)
    if (idle) idle.push(buffer as ArrayBuffer)
    else this.#idle.set(capacity, [buffer as ArrayBuffer])
    this.#idleBytes += capacity
  }
}

function capacityFor(size: number): number {
  let capacity = SMALLEST
  while (capacity < size) capacity *= 2
  return capacity
}

/** One for the process: what one broker has read another may send. */
export const readBuffers = new ReadBuffers()
