/** Something that will happen. */
export interface Happening {
  readonly at: number
  readonly order: number
  /** What it is, for the trace: the same in every run of a seed. */
  readonly label: string
  readonly run: () => void
  isCancelled: boolean
}

/**
 * The only time there is: what is due next happens next, at once, and time jumps there. Happenings of one moment keep the
 * order in which they were planned.
 */
export class Schedule {
  #now = 0
  #order = 0
  /** A binary heap: the first is due next. */
  readonly #heap: Happening[] = []
  /** Called before each happening. */
  onStep: ((happening: Happening) => void) | undefined

  /** Told of what a happening threw. */
  onError: ((error: unknown) => void) | undefined

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now
  }

  get steps(): number {
    return this.#order
  }

  after(delayMs: number, label: string, run: () => void): Happening {
    const happening = { at: this.#now + Math.max(0, delayMs), order: this.#order++, label, run, isCancelled: false }
    this.#push(happening)
    return happening
  }

  /** Lets time pass up to `end`, or until `isOver` says so. All that follows from a happening is done before the next. */
  async run(end: number, isOver: () => boolean = never): Promise<void> {
    await settled()
    while (!isOver()) {
      const next = this.#heap[0]
      if (next === undefined || next.at > end) break
      this.#pop()
      if (next.isCancelled) continue
      this.#now = next.at
      this.onStep?.(next)
      try {
        next.run()
      } catch (error) {
        this.onError?.(error)
      }
      await settled()
    }
    if (!isOver()) this.#now = Math.max(this.#now, end)
  }

  #push(happening: Happening): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(happening)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(happening, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = happening
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** All promises and microtasks that something set off have run when an immediate comes. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function never(): boolean {
  return false
}
