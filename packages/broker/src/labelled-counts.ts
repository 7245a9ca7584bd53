/** How often things happened, by labels of a metric. No label may be a text of a client: every set of labels is kept. */
export class LabelledCounts<Label extends string> {
  readonly #counts = new Map<string, { readonly labels: Readonly<Record<Label, string>>; count: number }>()

  add(labels: Readonly<Record<Label, string>>): void {
    const key = Object.values<string>(labels).join(' ')
    const known = this.#counts.get(key)
    if (known) known.count += 1
    else this.#counts.set(key, { labels, count: 1 })
  }

  [Symbol.iterator](): IterableIterator<{ readonly labels: Readonly<Record<Label, string>>; readonly count: number }> {
    return this.#counts.values()
  }
}
