import type { Life } from './life.js'
import type { DiskOperation, Platter } from './platter.js'
import type { SeededRandom } from './seeded-random.js'

/** What an operation costs one life of a process, and how it fails: a dead one changes nothing any more. */
export class DiskDrive {
  readonly #life: Life
  readonly #platter: Platter
  readonly #random: SeededRandom

  constructor(life: Life, platter: Platter, random: SeededRandom) {
    this.#life = life
    this.#platter = platter
    this.#random = random
  }

  /** Like real I/O, nothing is done before the code that asked has run to its end. */
  takesTime(operation: DiskOperation, path: string): Promise<void> {
    const { slowMs } = this.#platter
    const usual =
      operation === 'sync' || operation === 'syncFolder'
        ? this.#random.between(0.2, 3)
        : this.#random.between(0.01, 0.2)
    const delay = usual + (slowMs > 0 ? this.#random.between(0, slowMs) : 0)
    return new Promise((resolve) => this.#life.after(delay, `disk ${operation} ${path}`, resolve))
  }

  /** How much of a write there is room for. */
  roomFor(bytes: number, path: string): number {
    if (this.#life.isDead) throw this.failure('ESTOPPED', path)
    const taken = Math.min(bytes, this.#platter.room)
    this.#platter.room -= taken
    return taken
  }

  mayFail(operation: DiskOperation, path: string): void {
    if (this.#life.isDead) throw this.failure('ESTOPPED', path)
    this.#platter.onOperation?.(operation, path)
    if (this.#life.isDead) throw this.failure('ESTOPPED', path)
    if (this.#platter.failing.has(operation)) throw this.failure('EIO', path)
  }

  failure(code: string, path: string): Error {
    return Object.assign(new Error(`${code}: ${path}`), { code, path })
  }
}
