import { signal } from '@preact/signals'
import { every, wallNow } from './clock.js'

/** Now, once a second: what shows an age reads it. */
export const moment = signal(wallNow())

/** Begins to move it; what it answers ends that. */
export function beginMoments(): () => void {
  const timer = every(1000, () => {
    if (!document.hidden) moment.value = wallNow()
  })
  return () => timer.cancel()
}
