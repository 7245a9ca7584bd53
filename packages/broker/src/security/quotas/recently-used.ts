const IDLE_MS = 3_600_000

/** Things by name, made when they are first asked for. Names come from clients: who was not asked for longest makes room. */
export class RecentlyUsed<Thing> {
  readonly #make: () => Thing
  readonly #most: number
  readonly #things = new Map<string, { readonly thing: Thing; usedAt: number }>()

  constructor(make: () => Thing, most = 10_000) {
    this.#make = make
    this.#most = most
  }

  get size(): number {
    return this.#things.size
  }

  /** `now` in ms, monotonic. */
  of(name: string, now: number): Thing {
    const known = this.#things.get(name)
    const { thing } = known ?? { thing: this.#make() }
    if (known) this.#things.delete(name)
    else this.#makeRoom(now)
    this.#things.set(name, { thing, usedAt: now })
    return thing
  }

  #makeRoom(now: number): void {
    for (const [name, { usedAt }] of this.#things) {
      if (this.#things.size < this.#most && now - usedAt < IDLE_MS) return
      this.#things.delete(name)
    }
  }
}
