import type { Clock, Timer } from '@rivven/runtime'

/** There is one look a second at most at whose time is up. */
const SWEEP_MS = 1_000
/** Timers of an operating system may come a little early. */
const EARLY_MS = 1

/** Who may wait for something too long. */
export interface Waiting {
  /** Does what is due by now. When to look again (monotonic), or undefined: never. */
  look(now: number): number | undefined
}

interface Entry {
  readonly waiting: Waiting
  at: number
  /** In the heap. */
  place: number
}

/**
 * All deadlines of connections, by one timer: a heap with the earliest on top, looked at once a second at most and only when
 * something is due. Who waits for something new need not say so where it will be looked at earlier anyway.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #entries = new Map<Waiting, Entry>()
  readonly #heap: Entry[] = []
  #timer: Timer | undefined
  #timerAt = 0
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get count(): number {
    return this.#heap.length
  }

  /** Looks at it then, or up to a second later; earlier where that was said before. */
  by(waiting: Waiting, time: number): void {
    const known = this.#entries.get(waiting)
    if (known && known.at <= time) return
    if (known) {
      known.at = time
      this.#rise(known)
    } else {
      this.#insert(waiting, time)
    }
    this.#arm()
  }

  forget(waiting: Waiting): void {
    const entry = this.#entries.get(waiting)
    if (entry) this.#remove(entry)
  }

  /** Nobody is looked at any more. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#entries.clear()
    this.#heap.length = 0
  }

  #arm(): void {
    const [first] = this.#heap
    if (!first) return
    const at = Math.max(first.at, this.#sweptAt + SWEEP_MS)
    if (this.#timer && this.#timerAt <= at) return
    this.#timer?.cancel()
    this.#timerAt = at
    const delayMs = Math.max(0, Math.ceil(at - this.#clock.monotonic())) + EARLY_MS
    this.#timer = this.#clock.setTimer(delayMs, () => this.#sweep())
  }

  #sweep(): void {
    this.#timer = undefined
    const now = this.#clock.monotonic()
    this.#sweptAt = now
    const again: [Waiting, number][] = []
    for (let first = this.#heap[0]; first && first.at <= now; first = this.#heap[0]) {
      this.#remove(first)
      const next = first.waiting.look(now)
      if (next !== undefined) again.push([first.waiting, next])
    }
    // Behind the round: whoever is due at once again waits for the next.
    for (const [waiting, time] of again) this.by(waiting, time)
    this.#arm()
  }

  #insert(waiting: Waiting, at: number): void {
    const entry: Entry = { waiting, at, place: this.#heap.length }
    this.#entries.set(waiting, entry)
    this.#heap.push(entry)
    this.#rise(entry)
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.waiting)
    const last = this.#heap.pop() as Entry
    if (last === entry) return
    this.#put(last, entry.place)
    this.#rise(last)
    this.#sink(last)
  }

  #rise(entry: Entry): void {
    while (entry.place > 0) {
      const parent = this.#heap[(entry.place - 1) >> 1] as Entry
      if (parent.at <= entry.at) return
      const { place } = parent
      this.#put(parent, entry.place)
      this.#put(entry, place)
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#heap[2 * entry.place + 1]
      const right = this.#heap[2 * entry.place + 2]
      const child = left && right && right.at < left.at ? right : left
      if (!child || child.at >= entry.at) return
      const { place } = child
      this.#put(child, entry.place)
      this.#put(entry, place)
    }
  }

  #put(entry: Entry, place: number): void {
    this.#heap[place] = entry
    entry.place = place
  }
}
