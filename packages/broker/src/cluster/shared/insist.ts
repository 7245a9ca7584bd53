import type { Clock } from '@rivven/runtime'
import { isPassing, UnknownOutcomeError } from '../../database/database-error.js'
import { RETRY_MS } from './cluster-times.js'

/** Resolves `ms` from now. */
export function passed(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimer(ms, resolve))
}

/** Waits for `done`; rejects with UnknownOutcomeError when that takes longer than `ms`. */
export function within<T>(clock: Clock, ms: number, done: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(ms, () => reject(new UnknownOutcomeError(`There was no answer within ${ms} ms.`)))
    done.then(resolve, reject).finally(() => timer.cancel())
  })
}

/**
 * Makes a call of the database that may be made again, word by word, until it has an answer.
 *
 * @throws UnavailableError or UnknownOutcomeError, that of the last try, when it has none within `ms`
 */
export async function insist<T>(clock: Clock, ms: number, call: () => Promise<T>): Promise<T> {
  const end = clock.monotonic() + ms
  for (;;) {
    try {
      return await within(clock, Math.max(1, end - clock.monotonic()), call())
    } catch (error) {
      if (!isPassing(error) || clock.monotonic() + RETRY_MS >= end) throw error
      await passed(clock, RETRY_MS)
    }
  }
}
