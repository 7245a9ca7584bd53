import { setMaxListeners } from 'node:events'
import type { Clock } from '@rivven/runtime'
import { isRetriable, NoBrokerReachableError, RivvenError, textOf } from '../errors/errors.js'
import { type PauseOptions, Pauses } from './pauses.js'

export interface RetryOptions extends PauseOptions {
  /** What is being done, for the error's message (`Finding the coordinator of group orders`). */
  what: string
  /** Gives up when so many milliseconds have passed. */
  timeoutMs: number
  /** Gives up sooner, when no broker at all could be reached for so many milliseconds. Default: as `timeoutMs`. */
  unreachableTimeoutMs?: number
  signal?: AbortSignal
  /** Whether to try again after this error. Default: it says that it is retriable. */
  retriable?: (error: unknown) => boolean
}

/** Calls `attempt` until it succeeds, fails for good, the deadline passes or the signal aborts. */
export async function retry<T>(options: RetryOptions, attempt: (remainingMs: number) => Promise<T>): Promise<T> {
  const { clock, signal, unreachableTimeoutMs = options.timeoutMs } = options
  const deadline = clock.monotonic() + options.timeoutMs
  const retriable = options.retriable ?? isRetriable
  const pauses = new Pauses(options)
  /** When the first of the last attempts began that reached nobody; null: somebody was reached. */
  let lostSince: number | null = null
  for (let attempts = 1; ; attempts++) {
    throwIfAborted(signal, options.what)
    const startedAt = clock.monotonic()
    try {
      return await attempt(Math.max(1, deadline - startedAt))
    } catch (error) {
      // Whoever threw a NoBrokerReachableError has waited for as long as anybody should.
      if (!retriable(error) || error instanceof NoBrokerReachableError) throw error
      lostSince = isLost(error) ? (lostSince ?? startedAt) : null
      const end = lostSince === null ? deadline : Math.min(deadline, lostSince + unreachableTimeoutMs)
      const pause = pauses.after(error)
      if (clock.monotonic() + pause >= end) throw gaveUp(options, attempts, error)
      await sleep(clock, pause, signal)
    }
  }
}

/** Nobody was reached, of all that were tried. */
function isLost(error: unknown): error is RivvenError {
  return error instanceof RivvenError && error.code === 'NO_BROKER_REACHABLE'
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

/** One that any number of waits may listen to: Node takes more than ten for a leak. */
export function manyListenersAborter(): AbortController {
  const aborter = new AbortController()
  setMaxListeners(0, aborter.signal)
  return aborter
}

export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw abortedError(what, signal)
}

/** A signal that was aborted with an error of ours says why: the client was closed. */
export function abortedError(what: string, signal?: AbortSignal): RivvenError {
  if (signal?.reason instanceof RivvenError) return signal.reason
  return new RivvenError('ABORTED', `${what} was aborted by its caller.`, { cause: signal?.reason })
}

function gaveUp(options: RetryOptions, attempts: number, last: unknown): RivvenError {
  if (isLost(last)) {
    const { code, hint = '', cause, facts } = last
    return new NoBrokerReachableError(code, textOf(last), {
      retriable: true,
      hint,
      cause,
      facts: { ...facts, attempts },
    })
  }
  const reason = last instanceof Error ? last.message : String(last)
  return new RivvenError('TIMED_OUT', `${options.what} did not succeed in ${options.timeoutMs} ms. Last: ${reason}`, {
    retriable: true,
    cause: last,
    facts: { ...(last instanceof RivvenError ? last.facts : {}), attempts },
  })
}
