/** Streams of events of all, and of one address. */
const mostStreams = 64
const mostOfAddress = 16

/** How many streams of events are open, and for whom. */
export class StreamPlaces {
  readonly #byAddress = new Map<string, number>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** How to give the place back; undefined: there is none. */
  take(address: string): (() => void) | undefined {
    const ofAddress = this.#byAddress.get(address) ?? 0
    if (this.#count >= mostStreams || ofAddress >= mostOfAddress) return undefined
    this.#count += 1
    this.#byAddress.set(address, ofAddress + 1)
    let isTaken = true
    return () => {
      if (isTaken) this.#giveBack(address)
      isTaken = false
    }
  }

  #giveBack(address: string): void {
    this.#count -= 1
    const left = (this.#byAddress.get(address) ?? 0) - 1
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
  }
}
