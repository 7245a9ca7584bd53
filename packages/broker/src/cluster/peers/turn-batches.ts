/** More than so many go as several requests: a broker limits how many elements one has. */
const mostAtOnce = 500

/** Gathers what is wanted of each peer in one turn, so that it goes as one request. */
export class TurnBatches<Item> {
  readonly #send: (broker: number, items: readonly Item[]) => void
  readonly #gathering = new Map<number, Item[]>()

  constructor(send: (broker: number, items: readonly Item[]) => void) {
    this.#send = send
  }

  add(broker: number, item: Item): void {
    const items = this.#gathering.get(broker)
    if (items) {
      items.push(item)
      return
    }
    if (this.#gathering.size === 0) queueMicrotask(() => this.#flush())
    this.#gathering.set(broker, [item])
  }

  #flush(): void {
    const gathered = [...this.#gathering]
    this.#gathering.clear()
    for (const [broker, items] of gathered) {
      for (let at = 0; at < items.length; at += mostAtOnce) this.#send(broker, items.slice(at, at + mostAtOnce))
    }
  }
}
