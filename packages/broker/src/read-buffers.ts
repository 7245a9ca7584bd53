// Hot path: memory for what is read from files and sent at once. Used again as soon as the answer has left; to give each
// read memory of its own and leave it to the garbage collector took a third of the broker's time.
import { freeMemory } from '@rivven/protocol'

const SMALLEST = 64 * 1024
const LARGEST = 4 * 1024 * 1024
/** Memory kept for the next reads. */
const MAX_IDLE_BYTES = 32 * 1024 * 1024

/** Memory of one size that waits to be used; the last that came is the next to go. */
interface Idle {
  readonly memory: ArrayBuffer[]
  /** How much of it nobody has needed since it was looked at. */
  unused: number
}

/** Buffers in some sizes; whoever sends one gives it back when the operating system has taken its bytes. */
export class ReadBuffers {
  readonly #sizesPerDoubling: number
  readonly #idle = new Map<number, Idle>()
  /** Weak: a buffer that is never given back is just garbage. */
  readonly #lent = new WeakSet<ArrayBufferLike>()
  #idleBytes = 0

  /** Sizes are powers of two, and with more `sizesPerDoubling` some between: less memory lies behind what is used. */
  constructor(sizesPerDoubling = 1) {
    this.#sizesPerDoubling = sizesPerDoubling
  }

  /** Memory that nobody else uses; its content is undefined. */
  take(size: number): Buffer {
    const capacity = size > LARGEST ? size : this.#capacityFor(size)
    const memory = this.#reused(capacity) ?? Buffer.allocUnsafeSlow(capacity).buffer
    this.#lent.add(memory)
    return Buffer.from(memory, 0, size)
  }

  #reused(capacity: number): ArrayBuffer | undefined {
    const idle = this.#idle.get(capacity)
    const memory = idle?.memory.pop()
    if (!idle || !memory) return undefined
    idle.unused = Math.min(idle.unused, idle.memory.length)
    this.#idleBytes -= capacity
    return memory
  }

  /** The memory of these bytes is kept by somebody: it is not used again, even if it is given back. */
  keep({ buffer }: Uint8Array): void {
    this.#lent.delete(buffer)
  }

  isLent(bytes: Uint8Array): boolean {
    return this.#lent.has(bytes.buffer)
  }

  /** Only for memory that nobody will look at again. What was not lent is left alone, what is very large is freed. */
  giveBack({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer)) return
    const capacity = buffer.byteLength
    if (capacity > LARGEST) {
      freeMemory(buffer)
      return
    }
    if (this.#idleBytes + capacity > MAX_IDLE_BYTES) this.#free(() => 0)
    const idle = this.#idle.get(capacity) ?? { memory: [], unused: 0 }
    this.#idle.set(capacity, idle)
    idle.memory.push(buffer as ArrayBuffer)
    this.#idleBytes += capacity
  }

  /** Frees what nobody has needed since the last call. */
  freeUnused(): void {
    this.#free(({ memory, unused }) => memory.length - unused)
  }

  /** Keeps so much of each size, the last that came. */
  #free(keeps: (idle: Idle) => number): void {
    for (const [capacity, idle] of this.#idle) {
      const freed = idle.memory.splice(0, idle.memory.length - keeps(idle))
      for (const memory of freed) freeMemory(memory)
      this.#idleBytes -= freed.length * capacity
      idle.unused = idle.memory.length
      if (idle.unused === 0) this.#idle.delete(capacity)
    }
  }

  #capacityFor(size: number): number {
    let step = SMALLEST / this.#sizesPerDoubling
    while (step * 2 * this.#sizesPerDoubling < size) step *= 2
    return Math.ceil(size / step) * step
  }
}

/** One for the process: what one broker has read another may send. */
export const readBuffers = new ReadBuffers(4)
