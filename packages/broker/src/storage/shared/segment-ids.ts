/** Taken at once: an append must not wait for an id. */
const BLOCK = 10_000

/** Ids of segments, from blocks. */
export class SegmentIds {
  readonly #takeBlock: (count: number) => Promise<number>
  #next = 0
  #end = 0
  #taking: Promise<void> | undefined

  /** `takeBlock` answers the first of so many ids. */
  constructor(takeBlock: (count: number) => Promise<number>) {
    this.#takeBlock = takeBlock
  }

  /** The next one, when there is one. */
  async next(): Promise<number> {
    await this.ready(1)
    return this.take()
  }

  /** The next one; there are as many as `ready` was asked for. */
  take(): number {
    if (this.#next === this.#end) throw new Error('There is no segment id at hand.')
    return this.#next++
  }

  has(count: number): boolean {
    return this.#end - this.#next >= count
  }

  /** Sees to it that so many are at hand, a block at most. What is left of the block before is not used. */
  async ready(count: number): Promise<void> {
    while (!this.has(count)) {
      this.#taking ??= this.#take().finally(() => {
        this.#taking = undefined
      })
      await this.#taking
    }
  }

  /** Those at hand are not used any more: a database that was restored may give them to others. */
  forget(): void {
    this.#next = this.#end
  }

  async #take(): Promise<void> {
    const first = await this.#takeBlock(BLOCK)
    this.#next = first
    this.#end = first + BLOCK
  }
}
