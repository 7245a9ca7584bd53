/** Changes of one thing, one after the other. One that fails is told to whoever asked for it; the next begins all the same. */
export class ChangeQueue {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#last.then(change)
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Resolves when all changes asked for so far are done, or have failed. */
  async settled(): Promise<void> {
    await this.#last
  }
}
