import { ProcessHold } from '@rivven/runtime'

/** Works of a broker, one after the other. While one is under way the process lives; what only waits for somebody does not keep it. */
export class Turns {
  readonly #hold = new ProcessHold()
  #last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(async () => {
      this.#hold.isHeld = true
      try {
        return await work()
      } finally {
        this.#hold.isHeld = false
      }
    })
    this.#last = done.catch(() => undefined)
    return done
  }

  /** There will be no others. */
  end(): void {
    this.#hold.release()
  }
}
