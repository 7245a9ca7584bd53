/** Ids reserved at once; after a crash the rest of them is left out. */
const BLOCK = 1_000

/** The first of `count` ids that nobody else gets; none below `above`, which is in use, where it may be lost what was given out. */
export type ReserveIds = (count: number, above: number) => Promise<number>

/** Gives out producer ids, none twice in the life of the stored data. */
export class ProducerIds {
  readonly #reserveIds: ReserveIds
  #next = 0
  #end = 0
  /** Reserved while there still were some. */
  #ahead: number | undefined
  /** The highest id in use that none of these blocks may hold. */
  #inUse = -1
  #reserving: Promise<void> | undefined

  constructor(reserveIds: ReserveIds) {
    this.#reserveIds = reserveIds
  }

  /** An id that was given out once, by what is stored. Where it could be among those that are at hand, these are left out. */
  passOver(producerId: number): void {
    if (producerId < this.#next) return
    this.#inUse = Math.max(this.#inUse, producerId)
    this.#end = this.#next
    this.#ahead = undefined
  }

  async next(): Promise<number> {
    for (;;) {
      const id = this.#take()
      if (id !== null) return id
      await this.#refill()
    }
  }

  /** Resolves when an id is at hand. */
  async prepare(): Promise<void> {
    while (this.#left === 0) await this.#refill()
  }

  /** An id at once, or null while none is at hand; then some soon are. */
  take(): number | null {
    if (this.#left <= BLOCK / 10) this.#refill().catch(() => undefined)
    return this.#take()
  }

  get #left(): number {
    return this.#end - this.#next + (this.#ahead === undefined ? 0 : BLOCK)
  }

  #take(): number | null {
    if (this.#next === this.#end) this.#begin(this.#ahead)
    return this.#next < this.#end ? this.#next++ : null
  }

  #begin(first: number | undefined): void {
    if (first === undefined) return
    this.#next = first
    this.#end = first + BLOCK
    this.#ahead = undefined
  }

  #refill(): Promise<void> {
    this.#reserving ??= this.#reserve().finally(() => {
      this.#reserving = undefined
    })
    return this.#reserving
  }

  async #reserve(): Promise<void> {
    const inUse = this.#inUse
    const first = await this.#reserveIds(BLOCK, inUse)
    // Another one may have been met meanwhile.
    if (this.#inUse !== inUse) return
    this.#inUse = -1
    this.#ahead = first
  }
}
