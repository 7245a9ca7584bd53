/** A session, as its locks see it. */
export type Owner = object

interface Waiter {
  readonly owner: Owner
  /** Asked for by `watch`: it is let go as soon as it is given. */
  readonly isShared: boolean
  readonly hasWaited: boolean
  readonly granted: (hasWaited: boolean) => void
}

/** One lock for each broker id, given in the order in which it was asked for. */
export class SessionLocks {
  readonly #holders = new Map<number, Owner>()
  readonly #waiting = new Map<number, Waiter[]>()

  holder(brokerId: number): Owner | undefined {
    return this.#holders.get(brokerId)
  }

  hold(brokerId: number, owner: Owner, granted: () => void): void {
    if (this.#holders.get(brokerId) === owner) granted()
    else this.#wait(brokerId, { owner, isShared: false, granted })
  }

  /** Tells whether somebody had the lock when it was asked for. */
  watch(brokerId: number, owner: Owner, granted: (hasWaited: boolean) => void): void {
    this.#wait(brokerId, { owner, isShared: true, granted })
  }

  stopWatching(owner: Owner): void {
    this.#forget((waiter) => waiter.owner === owner && waiter.isShared)
  }

  /** Lets go of everything, and stops waiting. */
  release(owner: Owner): void {
    this.#forget((waiter) => waiter.owner === owner)
    for (const [brokerId, holder] of this.#holders) if (holder === owner) this.#holders.delete(brokerId)
    for (const brokerId of this.#waiting.keys()) this.#grant(brokerId)
  }

  #wait(brokerId: number, waiter: Omit<Waiter, 'hasWaited'>): void {
    const line = this.#waiting.get(brokerId) ?? []
    this.#waiting.set(brokerId, [...line, { ...waiter, hasWaited: this.#holders.has(brokerId) }])
    this.#grant(brokerId)
  }

  #grant(brokerId: number): void {
    const line = this.#waiting.get(brokerId) ?? []
    while (line.length > 0 && !this.#holders.has(brokerId)) {
      const { owner, isShared, hasWaited, granted } = line.shift()!
      if (!isShared) this.#holders.set(brokerId, owner)
      granted(hasWaited)
    }
  }

  #forget(isOver: (waiter: Waiter) => boolean): void {
    for (const [brokerId, line] of this.#waiting)
      this.#waiting.set(
        brokerId,
        line.filter((waiter) => !isOver(waiter)),
      )
  }
}
