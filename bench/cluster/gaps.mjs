/** How long each of many things made no progress. Times are in milliseconds, of `performance.now()`. */
export class Gaps {
  #last = new Map()
  #gaps = []

  /** It has made progress. */
  beat(name) {
    const now = performance.now()
    const from = this.#last.get(name)
    if (from !== undefined && now - from >= NOTICEABLE_MS) this.#gaps.push({ name, from, to: now })
    this.#last.set(name, now)
  }

  /** The longest of these that was not over before `since`, also one that is not over yet. */
  longest(names, since) {
    const now = performance.now()
    const wanted = new Set(names)
    const open = names.map((name) => ({ name, from: this.#last.get(name) ?? since, to: now }))
    const lengths = [...this.#gaps, ...open]
      .filter(({ name, to }) => wanted.has(name) && to >= since)
      .map(({ from, to }) => to - from)
    return Math.max(...lengths)
  }

  /** Each of these has made progress since then. */
  haveAllBeaten(names, since) {
    return names.every((name) => (this.#last.get(name) ?? 0) > since)
  }
}

const NOTICEABLE_MS = 20
