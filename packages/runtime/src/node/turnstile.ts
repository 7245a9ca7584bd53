/** Lets so many pieces of work be under way at once; the others wait, first come, first served. */
export class Turnstile {
  readonly #limit: number
  #inside = 0
  readonly #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#limit) this.#inside++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      // Whoever waits takes over the place.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#inside--
    }
  }
}
