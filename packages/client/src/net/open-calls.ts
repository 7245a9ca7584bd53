/**
 * Calls of the application that a client works on, and records that it has in hand. Between them the process may end: a
 * client that was left open, by code that failed or forgot it, does not keep it alive.
 */
export class OpenCalls {
  readonly #onChange: (isAnyOpen: boolean) => void
  #count = 0

  constructor(onChange: (isAnyOpen: boolean) => void) {
    this.#onChange = onChange
  }

  begin(): void {
    if (this.#count++ === 0) this.#onChange(true)
  }

  end(): void {
    if (--this.#count === 0) this.#onChange(false)
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.begin()
    try {
      return await work()
    } finally {
      this.end()
    }
  }
}
