/** So many works at a time; one more is refused, where `Slots` would let it wait. */
export class FewAtOnce {
  readonly #most: number
  #count = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Undefined: there are as many as may be. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#count >= this.#most) return undefined
    this.#count += 1
    try {
      return await work()
    } finally {
      this.#count -= 1
    }
  }
}
