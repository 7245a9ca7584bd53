import type { Clock, Timer } from '@rivven/runtime'

/** How often something is asked beside what was asked before, and after how long, in milliseconds. */
export interface Again {
  clock: Clock
  times: number
  patienceMs: number
}

/** What `ask` gives, which is called again beside each call that takes long. The first that succeeds counts; it fails with the first one. */
export function askAgain<T>(ask: () => Promise<T>, { clock, times, patienceMs }: Again): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: Timer | null = null
    const succeed = (result: T): void => {
      timer?.cancel()
      resolve(result)
    }
    const fail = (error: unknown): void => {
      timer?.cancel()
      reject(error)
    }
    const goOn = (left: number): void => {
      timer = left > 0 ? clock.setTimer(patienceMs, () => begin(left)) : null
    }
    const begin = (left: number): void => {
      goOn(left - 1)
      ask().then(succeed, ignore)
    }
    goOn(times - 1)
    ask().then(succeed, fail)
  })
}

function ignore(): void {
  // The first one says how it ends.
}
