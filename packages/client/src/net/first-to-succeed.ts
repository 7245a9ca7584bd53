import type { Clock, Timer } from '@rivven/runtime'

/**
 * The result of the first attempt that succeeds; undefined when none does. They begin in their order, each when the one
 * before has failed or has taken longer than `shareMs`; what has begun goes on meanwhile.
 */
export function firstToSucceed<T>(
  attempts: readonly (() => Promise<T>)[],
  shareMs: number,
  clock: Clock,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    let share: Timer | null = null
    const end = (result: T | undefined): void => {
      share?.cancel()
      resolve(result)
    }
    const begin = (index: number): void => {
      const attempt = attempts[index]
      if (!attempt) {
        end(undefined)
        return
      }
      let isPassedOver = false
      const next = (): void => {
        if (isPassedOver) return
        isPassedOver = true
        share?.cancel()
        begin(index + 1)
      }
      share = clock.setTimer(Math.max(1, shareMs), next)
      attempt().then(end, next)
    }
    begin(0)
  })
}
