import type { Clock } from '@rivven/runtime'

/** The longest that one request works at a stretch: heartbeats and fetches of all clients wait meanwhile. */
export const longestStretchMs = 4
/** Up to so many items are never worth a look at the clock. */
const few = 64

/**
 * Who waits for a stretch, by clock. A turn of the event loop has room for one of them: many requests of many clients, each in
 * stretches, would hold it up together.
 */
const lines = new WeakMap<Clock, (() => void)[]>()

/** Calls back in a later turn, in which nobody else begins a stretch. */
export function inTurn(clock: Clock, begin: () => void): void {
  const line = lines.get(clock) ?? []
  lines.set(clock, line)
  line.push(begin)
  if (line.length === 1) callNext(clock, line)
}

function callNext(clock: Clock, line: (() => void)[]): void {
  clock.setTimer(0, () => {
    const begin = line.shift()
    if (line.length > 0) callNext(clock, line)
    begin?.()
  })
}

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
    await new Promise<void>((resolve) => inTurn(this.#clock, resolve))
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
