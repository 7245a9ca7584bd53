import type { Clock } from '@rivven/runtime'
import { UnavailableError, UnknownOutcomeError } from '../../database/database-error.js'

const AWAY_MS = 500
const UNKNOWN_MS = 20

/** Whether the same call may be made again after this. */
export function isOutage(error: unknown): boolean {
  return error instanceof UnavailableError || error instanceof UnknownOutcomeError
}

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
      if (!isOutage(error) || isOver()) throw error
      await untilNextTry(clock, error)
      if (isOver()) throw error
    }
  }
}
