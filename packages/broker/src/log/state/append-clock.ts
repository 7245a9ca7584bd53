// Hot path: `note` runs for every append. One comparison, but for the first batch of a second.

/** How often a batch gets a mark. */
const everyMs = 1_000
const mostMarks = 256
/** Thinned out to so many, so that it is not done again soon. */
const thinnedTo = 192
/** Neighbours that lie closer than this share of their age are one. */
const spacing = 0.05

/** When a batch came: in [from, to], in ms since 1970. */
export interface Bounds {
  readonly from: number
  readonly to: number
}

/** From a base offset on, up to the next mark, batches came in [at, until]. */
export interface ClockMark extends Bounds {
  readonly offset: number
}

/**
 * When the batches of one partition came, by the clock of the broker: to the second for the last minutes, to a twentieth of their
 * age for what is older. Times never go back, whatever the clock does.
 */
export class AppendClock {
  #offsets: number[] = []
  #from: number[] = []
  #to: number[] = []
  /** From then on the next batch gets a mark. */
  #nextAt = Number.NEGATIVE_INFINITY

  /** A batch is appended. */
  note(baseOffset: number, now: number): void {
    if (now >= this.#nextAt) this.#mark(baseOffset, now)
  }

  /** The log was opened: what lies in [fromOffset, endOffset) came since the last mark, and nobody wrote down when. */
  opened({ fromOffset, endOffset }: { fromOffset: number; endOffset: number }, now: number): void {
    const last = this.#from.length - 1
    const to = Math.max(now, this.#from[last] ?? 0)
    if (last < 0) this.#nextAt = now
    if (fromOffset >= endOffset) return
    // Between two offsets: the time is that of no batch.
    this.#push({ offset: fromOffset - 0.5, from: this.#from[last] ?? 0, to })
    this.#nextAt = to
  }

  /** Equal ends: it is known to the millisecond. */
  boundsOf(baseOffset: number): Bounds {
    const at = this.#lastUpTo(baseOffset)
    if (at < 0) return { from: 0, to: this.#from[0] ?? Number.POSITIVE_INFINITY }
    const from = this.#from[at]!
    return { from, to: this.#offsets[at] === baseOffset ? from : this.#to[at]! }
  }

  /** Forgets what tells only of offsets before the start of the log. */
  dropBefore(logStartOffset: number): void {
    const kept = this.#lastUpTo(logStartOffset)
    if (kept > 0) for (const column of [this.#offsets, this.#from, this.#to]) column.splice(0, kept)
  }

  get marks(): ClockMark[] {
    return this.#offsets.map((offset, at) => ({ offset, from: this.#from[at]!, to: this.#to[at]! }))
  }

  restore(marks: readonly ClockMark[]): void {
    this.#offsets = marks.map(({ offset }) => offset)
    this.#from = marks.map(({ from }) => from)
    this.#to = marks.map(({ to }) => to)
    this.#nextAt = (marks.at(-1)?.from ?? Number.NEGATIVE_INFINITY) + everyMs
  }

  #mark(offset: number, now: number): void {
    if (this.#offsets.length >= mostMarks) this.#thin(now)
    this.#push({ offset, from: now, to: now + everyMs })
    this.#nextAt = now + everyMs
  }

  /** In one go: done one by one it costs twenty times as much a mark. */
  #thin(now: number): void {
    for (let share = spacing; this.#offsets.length > thinnedTo; share *= 1.5) this.#keepApart(now, share)
  }

  /** Who is left out is in the window of the one before. */
  #keepApart(now: number, share: number): void {
    const [offsets, from, to] = [this.#offsets, this.#from, this.#to]
    let kept = 0
    for (let at = 1; at < offsets.length; at++) {
      if (to[at]! - from[kept]! <= share * (now - from[kept]!)) {
        to[kept] = Math.max(to[kept]!, to[at]!)
        continue
      }
      kept++
      offsets[kept] = offsets[at]!
      from[kept] = from[at]!
      to[kept] = to[at]!
    }
    for (const column of [offsets, from, to]) column.length = kept + 1
  }

  /** Index of the last mark at or before an offset; -1: there is none. */
  #lastUpTo(offset: number): number {
    let low = 0
    let high = this.#offsets.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#offsets[middle]! <= offset) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  #push({ offset, from, to }: ClockMark): void {
    this.#offsets.push(offset)
    this.#from.push(from)
    this.#to.push(to)
  }
}
