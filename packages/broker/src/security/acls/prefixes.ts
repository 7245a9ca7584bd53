import type { Pattern } from './pattern.js'

/**
 * Patterns by the prefix that they are made of. One look-up for each length that any prefix has: operators name things in
 * few lengths, and unlike in a sorted array or a trie, a change costs the same however many prefixes there are.
 */
export class Prefixes {
  readonly #patterns = new Map<string, Pattern>()
  readonly #countOfLength = new Map<number, number>()
  /** Rising. */
  #lengths: number[] = []

  get(prefix: string): Pattern | undefined {
    return this.#patterns.get(prefix)
  }

  values(): Iterable<Pattern> {
    return this.#patterns.values()
  }

  set(prefix: string, pattern: Pattern): void {
    if (!this.#patterns.has(prefix)) this.#count(prefix.length, 1)
    this.#patterns.set(prefix, pattern)
  }

  delete(prefix: string): void {
    if (this.#patterns.delete(prefix)) this.#count(prefix.length, -1)
  }

  /** All that the name begins with, into `found`. */
  over(name: string, found: Pattern[]): void {
    for (const length of this.#lengths) {
      if (length > name.length) return
      const pattern = this.#patterns.get(name.slice(0, length))
      if (pattern !== undefined) found.push(pattern)
    }
  }

  #count(length: number, more: 1 | -1): void {
    const count = (this.#countOfLength.get(length) ?? 0) + more
    if (count === 0) this.#countOfLength.delete(length)
    else this.#countOfLength.set(length, count)
    if (count === (more === 1 ? 1 : 0)) this.#lengths = [...this.#countOfLength.keys()].sort((a, b) => a - b)
  }
}
