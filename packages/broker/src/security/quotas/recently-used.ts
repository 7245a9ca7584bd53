const IDLE_MS = 3_600_000

/**
 * Things by name, made when they are first asked for. Names come from clients, so there is room for so many only: the later half
 * of those that were asked for stays, the others go. So does what nobody has asked for in an hour, within the next one.
 *
 * Two halves instead of one list in order: finding the first of a Map whose first entries were deleted takes as long as there
 * were such entries, 20 µs with 10,000 names (bench/micro/quotas).
 */
export class RecentlyUsed<Thing> {
  readonly #make: () => Thing
  readonly #half: number
  #late = new Map<string, Thing>()
  #early: ReadonlyMap<string, Thing> = new Map()
  #partedAt = 0

  constructor(make: () => Thing, most = 10_000) {
    this.#make = make
    this.#half = Math.max(1, Math.floor(most / 2))
  }

  /** How many there are at most: some may be counted twice. */
  get size(): number {
    return this.#late.size + this.#early.size
  }

  /** `now` in ms, monotonic. */
  of(name: string, now: number): Thing {
    if (now - this.#partedAt >= IDLE_MS) this.#part(now)
    const late = this.#late.get(name)
    if (late !== undefined) return late
    const thing = this.#early.get(name) ?? this.#make()
    if (this.#late.size >= this.#half) this.#part(now)
    this.#late.set(name, thing)
    return thing
  }

  /** What is early goes, what is late becomes early. */
  #part(now: number): void {
    this.#early = this.#late
    this.#late = new Map()
    this.#partedAt = now
  }
}
