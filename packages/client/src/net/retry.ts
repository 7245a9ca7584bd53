import type { Clock, Random } from '@rivven/runtime'
import { isRetriable, RivvenError } from '../errors.js'

export interface RetryOptions {
  clock: Clock
  random: Random
  /** What is being done, for the error's message (`Finding the coordinator of group orders`). */
  what: string
  /** Gives up when so many milliseconds have passed. */
  timeoutMs: number
  /** First pause between attempts in milliseconds, doubled each time. Default 100. */
  backoffMs?: number
  /** Longest pause in milliseconds. Default 1000. */
  maxBackoffMs?: number
  signal?: AbortSignal
  /** Whether to try again after this error. Default: it says that it is retriable. */
  retriable?: (error: unknown) => boolean
}

/** Calls `attempt` until it succeeds, fails for good, the deadline passes or the signal aborts. */
export async function retry<T>(options: RetryOptions, attempt: (remainingMs: number) => Promise<T>): Promise<T> {
  const { clock, signal } = options
  const deadline = clock.monotonic() + options.timeoutMs
  const retriable = options.retriable ?? isRetriable
  for (let attempts = 1; ; attempts++) {
    throwIfAborted(signal, options.what)
    try {
      return await attempt(Math.max(1, deadline - clock.monotonic()))
    } catch (error) {
      if (!retriable(error)) throw error
      const pause = backoff(attempts, options)
      if (clock.monotonic() + pause >= deadline) throw gaveUp(options, attempts, error)
      await sleep(clock, pause, signal)
    }
  }
}

/** The pause after the given number of failed attempts: exponential, with ±20 % so that clients do not move in step. */
export function backoff(
  attempts: number,
  options: { random: Random; backoffMs?: number; maxBackoffMs?: number },
): number {
  const base = (options.backoffMs ?? 100) * 2 ** Math.min(attempts - 1, 20)
  return Math.min(base, options.maxBackoffMs ?? 1000) * (0.8 + 0.4 * options.random.next())
}

/** Resolves after `ms` milliseconds; rejects with ABORTED when the signal aborts before. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortedError('Waiting', signal))
    const onAbort = () => {
      timer.cancel()
      reject(abortedError('Waiting', signal))
    }
    const timer = clock.setTimer(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw abortedError(what, signal)
}

export function abortedError(what: string, signal?: AbortSignal): RivvenError {
  return new RivvenError('ABORTED', `${what} was aborted by its caller.`, { cause: signal?.reason })
}

function gaveUp(options: RetryOptions, attempts: number, last: unknown): RivvenError {
  const reason = last instanceof Error ? last.message : String(last)
  return new RivvenError('TIMED_OUT', `${options.what} did not succeed in ${options.timeoutMs} ms. Last: ${reason}`, {
    retriable: true,
    cause: last,
    facts: { ...(last instanceof RivvenError ? last.facts : {}), attempts },
  })
}
