import type { Clock } from '@rivven/runtime'
import { sleep } from './retry.js'

const longestTimer = 2 ** 31 - 1

/** Whether the work ends before `deadline` (monotonic); it goes on in either case. Rejects when it does. */
export async function isDoneBy(work: Promise<unknown>, deadline: number, clock: Clock): Promise<boolean> {
  const waiting = new AbortController()
  const delay = Math.min(Math.max(1, deadline - clock.monotonic()), longestTimer)
  const late = sleep(clock, delay, waiting.signal).then(
    () => false,
    () => true,
  )
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    waiting.abort()
  }
}
