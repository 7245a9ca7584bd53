/** What is told of a view that has changed: rows that are new or others, and the keys of those that are gone. */
export interface Change {
  readonly rows: Readonly<Record<string, unknown>>
  readonly gone: readonly string[]
  /** All keys, where their order has changed. */
  readonly order?: readonly string[]
}

/** A view in rows, each as text: so two looks are compared. */
export class Rows {
  readonly #texts = new Map<string, string>()
  readonly #rows = new Map<string, unknown>()

  constructor(rows: Iterable<readonly [string, unknown]>) {
    for (const [key, row] of rows) {
      this.#texts.set(key, JSON.stringify(row))
      this.#rows.set(key, row)
    }
  }

  /** What has changed since `before`; undefined: nothing. */
  since(before: Rows, isOrdered: boolean): Change | undefined {
    // By null as its prototype: keys are names that somebody has chosen.
    const rows: Record<string, unknown> = Object.create(null)
    let count = 0
    for (const [key, row] of this.#rows) {
      if (before.#texts.get(key) === this.#texts.get(key)) continue
      rows[key] = row
      count += 1
    }
    const gone = [...before.#texts.keys()].filter((key) => !this.#texts.has(key))
    const order = isOrdered && this.#order() !== before.#order() ? [...this.#texts.keys()] : undefined
    if (count === 0 && gone.length === 0 && !order) return undefined
    return { rows, gone, ...(order && { order }) }
  }

  #order(): string {
    return JSON.stringify([...this.#texts.keys()])
  }
}
