/** Shorter ones are nobody's fault. */
const NOTICEABLE_MS = 20

interface Pause {
  partition: number
  from: number
  to: number
}

/** Longest pauses that faults of one kind made. */
export interface PauseRow {
  kind: string
  count: number
  /** Of each fault the longest pause of any partition, in order of length. */
  longest: readonly number[]
  /** Of each partition the longest pause in any of these faults. */
  byPartition: readonly number[]
}

/** How long partitions made no progress (no acknowledgement), and which fault was to blame. Times are in milliseconds. */
export class Pauses {
  readonly #partitions: number
  readonly #last = new Map<number, number>()
  readonly #pauses: Pause[] = []
  readonly #faults: { kind: string; at: number }[] = []

  constructor(partitions: number) {
    this.#partitions = partitions
  }

  progress(partition: number, at: number): void {
    const from = this.#last.get(partition)
    if (from !== undefined && at - from >= NOTICEABLE_MS) this.#pauses.push({ partition, from, to: at })
    this.#last.set(partition, at)
  }

  fault(kind: string, at: number): void {
    this.#faults.push({ kind, at })
  }

  /** One row a kind of fault, those with the longest pauses first. */
  rows(): PauseRow[] {
    const longest = this.#faults.map(() => new Map<number, number>())
    for (const { partition, from, to } of this.#pauses) {
      const blamed = longest[this.#blamedFor(from, to)]
      blamed?.set(partition, Math.max(blamed.get(partition) ?? 0, to - from))
    }
    const kinds = [...new Set(this.#faults.map(({ kind }) => kind))]
    const rows = kinds.map((kind) =>
      this.#row(
        kind,
        longest.filter((_, at) => this.#faults[at]!.kind === kind),
      ),
    )
    return rows.sort((a, b) => b.longest.at(-1)! - a.longest.at(-1)!)
  }

  /** The first fault while it lasted, else the last one before it; -1: there was none yet. */
  #blamedFor(from: number, to: number): number {
    const during = this.#faults.findIndex(({ at }) => at >= from && at <= to)
    return during >= 0 ? during : this.#faults.findLastIndex(({ at }) => at < from)
  }

  #row(kind: string, faults: readonly Map<number, number>[]): PauseRow {
    const longest = faults.map((pauses) => Math.max(0, ...pauses.values())).sort((a, b) => a - b)
    const byPartition = Array.from({ length: this.#partitions }, (_, partition) =>
      Math.max(0, ...faults.map((pauses) => pauses.get(partition) ?? 0)),
    )
    return { kind, count: faults.length, longest, byPartition }
  }
}
