/** The longest time in which something did not happen, since it was last asked. */
export class Pauses {
  #last = performance.now()
  #longest = 0

  happened() {
    const now = performance.now()
    this.#longest = Math.max(this.#longest, now - this.#last)
    this.#last = now
  }

  /** In words; begins anew. */
  longest() {
    const longest = Math.max(this.#longest, performance.now() - this.#last)
    this.#longest = 0
    return longest < 1000 ? `${longest.toFixed(0)} ms` : `${(longest / 1000).toFixed(1)} s`
  }
}
