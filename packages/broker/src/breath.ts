import type { Clock } from '@rivven/runtime'

/** The longest that one request works at a stretch: heartbeats and fetches of all clients wait meanwhile. */
const longestStretchMs = 4
/** Up to so many items are never worth a look at the clock. */
const few = 64

/** Parts long work into stretches, between which others have their turn. */
export class Breath {
  readonly #clock: Clock
  #since: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = clock.monotonic()
  }

  get isDue(): boolean {
    return this.#clock.monotonic() - this.#since >= longestStretchMs
  }

  async take(): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.setTimer(0, resolve))
    this.#since = this.#clock.monotonic()
  }
}

/**
 * Array.map for what a request names: others have their turn whenever it has gone on for long. A promise only then, so that
 * the usual short list costs none.
 */
export function mapInTurns<T, R>(items: readonly T[], clock: Clock, map: (item: T) => R): R[] | Promise<R[]> {
  if (items.length <= few) return items.map(map)
  const mapped: R[] = []
  const breath = new Breath(clock)
  while (mapped.length < items.length) {
    if (breath.isDue) return mapOn(items, breath, map, mapped)
    mapped.push(map(items[mapped.length] as T))
  }
  return mapped
}

async function mapOn<T, R>(items: readonly T[], breath: Breath, map: (item: T) => R, mapped: R[]): Promise<R[]> {
  while (mapped.length < items.length) {
    if (breath.isDue) await breath.take()
    mapped.push(map(items[mapped.length] as T))
  }
  return mapped
}

/** The same for lists within a list (the partitions of topics): what `map` makes of each inner item, list by list. */
export async function mapInnerInTurns<Outer, Inner, R>(
  outers: readonly Outer[],
  innerOf: (outer: Outer) => readonly Inner[],
  clock: Clock,
  map: (inner: Inner, outer: Outer) => R,
): Promise<R[][]> {
  const breath = new Breath(clock)
  const mapped: R[][] = []
  for (const outer of outers) {
    const row: R[] = []
    mapped.push(row)
    for (const inner of innerOf(outer)) {
      if (breath.isDue) await breath.take()
      row.push(map(inner, outer))
    }
  }
  return mapped
}
