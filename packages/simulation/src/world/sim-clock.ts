import type { Clock } from '@rivven/runtime'
import type { Life } from './life.js'
import type { SeededRandom } from './seeded-random.js'

/** When the simulated time begins: 2026-01-01. */
export const beginning = Date.UTC(2026, 0, 1)

/** Timers come a little late, as everywhere. */
const latenessMs = 0.3

export function simClock(life: Life, random: SeededRandom): Clock {
  const { schedule, host } = life
  return {
    now: () => Math.floor(beginning + schedule.now + host.wallSkewMs),
    monotonic: () => schedule.now,
    setTimer(delayMs, callback) {
      const lateness = delayMs > 0 ? random.next() * latenessMs : 0
      const planned = life.after(delayMs + lateness, 'timer', callback)
      return {
        cancel: () => {
          planned.isCancelled = true
        },
      }
    },
  }
}
