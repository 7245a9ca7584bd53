import type { Clock } from '@rivven/runtime'

/** The longest that one request works at a stretch: heartbeats and fetches of all clients wait meanwhile. */
export const longestStretchMs = 4
/**
 * A request of up to so many elements is read, and may be done, in one turn: in some milliseconds, up to 30 where each
 * element is an append. One of more is alone on its connection, so that it may be done in several.
 */
export const fewElements = 2_000
/** Up to so many items are not worth a look at the clock, as a rule. */
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
 * the usual short list costs none. Who maps items that may each take long says from how many on it is looked at the clock.
 */
export function mapInTurns<T, R>(
  items: readonly T[],
  clock: Clock,
  map: (item: T) => R,
  looksBeyond = few,
): R[] | Promise<R[]> {
  if (items.length <= looksBeyond) return items.map(map)
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

/** Does something with each, likewise; they, too, are made in stretches, if they are made one by one. */
export function eachInTurns<T>(items: Iterable<T>, clock: Clock, use: (item: T) => void): Promise<void> | undefined {
  const breath = new Breath(clock)
  const rest = items[Symbol.iterator]()
  const goOn = (): Promise<void> | undefined => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      use(next.value)
      if (breath.isDue) return breath.take().then(goOn)
    }
    return undefined
  }
  return goOn()
}

/** So many of a long list are asked about at a time: each may be a promise, and what it waits for. */
const mostAsked = 512

/** The same for what may be answered later, by promises: the answers themselves. */
export async function askInTurns<T, R>(
  items: Iterable<T>,
  clock: Clock,
  ask: (item: T) => R | Promise<R>,
): Promise<R[]> {
  const answers: R[] = []
  await eachAnswerInTurns(items, clock, { ask, take: (answer) => answers.push(answer) })
  return answers
}

/** The same for lists within a list: answers, list by list. */
export async function askInnerInTurns<Outer, Inner, R>(
  outers: readonly Outer[],
  innerOf: (outer: Outer) => readonly Inner[],
  clock: Clock,
  ask: (inner: Inner, outer: Outer) => R | Promise<R>,
): Promise<R[][]> {
  const answers: R[][] = []
  function* questions() {
    for (const outer of outers) {
      const row: R[] = []
      answers.push(row)
      for (const inner of innerOf(outer)) yield { inner, outer, row }
    }
  }
  await eachAnswerInTurns(questions(), clock, {
    ask: ({ inner, outer }) => ask(inner, outer),
    take: (answer, { row }) => row.push(answer),
  })
  return answers
}

interface Asking<T, R> {
  ask(item: T): R | Promise<R>
  /** In order. */
  take(answer: R, item: T): void
}

async function eachAnswerInTurns<T, R>(items: Iterable<T>, clock: Clock, { ask, take }: Asking<T, R>): Promise<void> {
  const breath = new Breath(clock)
  const rest = items[Symbol.iterator]()
  for (let isOver = false; !isOver; ) {
    const asked: T[] = []
    const answers: (R | Promise<R>)[] = []
    while (asked.length < mostAsked && !breath.isDue) {
      const next = rest.next()
      isOver = next.done === true
      if (next.done) break
      asked.push(next.value)
      answers.push(ask(next.value))
    }
    const isLater = answers.some((answer) => answer instanceof Promise)
    const made = isLater ? await Promise.all(answers) : (answers as R[])
    for (const [at, item] of asked.entries()) take(made[at] as R, item)
    if (breath.isDue) await breath.take()
  }
}

/** Array.filter, likewise. */
export async function filterInTurns<T>(
  items: readonly T[],
  clock: Clock,
  isWanted: (item: T) => boolean,
): Promise<T[]> {
  const wanted = await mapInTurns(items, clock, isWanted)
  return items.filter((_, at) => wanted[at])
}

/** mapInTurns for lists within a list (the partitions of topics): what `map` makes of each inner item, list by list. */
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
