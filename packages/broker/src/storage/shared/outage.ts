import type { Clock } from '@rivven/runtime'
import { isPassing, UnavailableError } from '../../database/database-error.js'

const AWAY_MS = 500
const UNKNOWN_MS = 20

/** Resolves when it is time to try once more after an outage. */
export function untilNextTry(clock: Clock, error: unknown): Promise<void> {
  return new Promise((resolve) => clock.setTimer(error instanceof UnavailableError ? AWAY_MS : UNKNOWN_MS, resolve))
}

/** Makes a call that does nothing twice until there is an answer, or nobody waits for it any more: then it rejects with the outage. */
export async function untilAnswered<Answer>(
  clock: Clock,
  isOver: () => boolean,
  call: () => Promise<Answer>,
): Promise<Answer> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!isPassing(error) || isOver()) throw error
      await untilNextTry(clock, error)
      if (isOver()) throw error
    }
  }
}
