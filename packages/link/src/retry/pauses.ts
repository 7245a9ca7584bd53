import type { Clock, Random } from '@rivven/runtime'
import { RivvenError, textOf } from '../errors/errors.js'

export interface PauseOptions {
  clock: Clock
  random: Random
  /** First pause between attempts in milliseconds, doubled each time. Default 100. */
  backoffMs?: number
  /** Longest pause in milliseconds. Default 1000. */
  maxBackoffMs?: number
}

/**
 * The pauses of one who tries something again and again. Connections that cannot be opened have pauses of their own (`Link`), which many
 * share: an attempt that met one of these tried nothing. It is made up for when that is over, else both pauses would add up.
 */
export class Pauses {
  readonly #options: PauseOptions
  #failures = 0

  constructor(options: PauseOptions) {
    this.#options = options
  }

  /** How long to wait after an attempt that failed with `error`, in milliseconds. */
  after(error: unknown): number {
    if (nextTryOf(error) === undefined) this.#failures++
    return pauseAfter(error, this.#failures, this.#options)
  }

  /** An attempt succeeded: the next failure is the first one. */
  end(): void {
    this.#failures = 0
  }
}

/** The pause after the last of so many failed attempts: not beyond the moment at which what it did not even try may be tried. */
export function pauseAfter(error: unknown, failures: number, options: PauseOptions): number {
  const pause = backoff(Math.max(1, failures), options)
  const nextTry = nextTryOf(error)
  // Timers count whole milliseconds.
  return nextTry === undefined ? pause : Math.min(pause, Math.max(1, Math.ceil(nextTry - options.clock.monotonic())))
}

/** The pause after the given number of failed attempts: exponential, with ±20 % so that clients do not move in step. */
export function backoff(failures: number, options: Omit<PauseOptions, 'clock'>): number {
  const base = (options.backoffMs ?? 100) * 2 ** Math.min(failures - 1, 20)
  return Math.min(base, options.maxBackoffMs ?? 1000) * (0.8 + 0.4 * options.random.next())
}

/** When the next try may be made (monotonic), by the errors that stand for tries that were not made. */
const nextTries = new WeakMap<object, number>()

/** What the last try has met, for whoever comes before the next one may be made, at `nextTry` (monotonic). */
export function tooSoon(met: RivvenError, nextTry: number): RivvenError {
  const error = new RivvenError(met.code, textOf(met), met)
  nextTries.set(error, nextTry)
  return error
}

/** When what failed with this error may be tried (monotonic); undefined: it was tried. */
function nextTryOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null ? nextTries.get(error) : undefined
}

/** `error` stands for all of `errors`: if none of them is of a try that was made, it may be tried when the first of them may. */
export function standsFor(error: RivvenError, errors: readonly RivvenError[]): RivvenError {
  const moments = errors.map(nextTryOf).filter((moment) => moment !== undefined)
  if (errors.length > 0 && moments.length === errors.length) nextTries.set(error, Math.min(...moments))
  return error
}
