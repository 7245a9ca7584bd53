/** Somebody wants to know whether markers of one producer come. */
export interface MarkerWatch {
  readonly count: number
  end(): void
}

/**
 * Markers of producers that somebody watches. They are counted when they are decided, not when they are in the log: what a
 * group decides after that comes to lie behind them.
 */
export class MarkerWatches {
  readonly #watches = new Map<number, Set<{ count: number }>>()

  watch(producerId: number): MarkerWatch {
    const watch = { count: 0, end: () => this.#end(producerId, watch) }
    const others = this.#watches.get(producerId)
    if (others) others.add(watch)
    else this.#watches.set(producerId, new Set([watch]))
    return watch
  }

  came(producerId: number): void {
    for (const watch of this.#watches.get(producerId) ?? []) watch.count += 1
  }

  #end(producerId: number, watch: { count: number }): void {
    const watches = this.#watches.get(producerId)
    watches?.delete(watch)
    if (watches?.size === 0) this.#watches.delete(producerId)
  }
}
