import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { urlOf } from '../api/call.js'
import { every } from '../world/clock.js'

interface Readiness {
  readonly ready: boolean
  readonly missing: readonly string[]
}

/** What is missing until the broker serves clients, as `/health/ready` says. */
export function NotReady() {
  const missing = useSignal<readonly string[]>([])
  useEffect(() => {
    const look = (): void => {
      // Answered by 503 while something is missing; where nobody answers, that is said above.
      fetch(urlOf('health/ready'))
        .then((response) => response.json() as Promise<Readiness>)
        .then(
          (readiness) => {
            missing.value = readiness.missing
          },
          () => undefined,
        )
    }
    look()
    const timer = every(2000, look)
    return () => timer.cancel()
  }, [])
  return (
    <ul>
      {missing.value.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  )
}
