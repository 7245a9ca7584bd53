interface Waiter {
  readonly offset: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** How far a partition is stored, and who waits until it is stored further. */
export class DurableEnd {
  offset: number
  #waiters: Waiter[] = []
  #failure: Error | undefined

  constructor(offset: number) {
    this.offset = offset
  }

  /** Resolves when everything before `offset` is stored; rejects when it will not be. */
  until(offset: number): Promise<void> {
    if (offset <= this.offset) return Promise.resolve()
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => this.#waiters.push({ offset, resolve, reject }))
  }

  reached(offset: number): void {
    this.offset = offset
    if (this.#waiters.length === 0) return
    for (const waiter of this.#waiters) if (waiter.offset <= offset) waiter.resolve()
    this.#waiters = this.#waiters.filter((waiter) => waiter.offset > offset)
  }

  fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiters) reject(error)
    this.#waiters = []
  }
}
