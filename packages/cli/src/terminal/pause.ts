import type { CommandContext } from '../context.js'

/** Waits; false when the user asked to stop meanwhile. */
export function pause(context: CommandContext, milliseconds: number): Promise<boolean> {
  const { stop } = context.terminal
  if (stop.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const end = (goesOn: boolean) => {
      timer.cancel()
      stop.removeEventListener('abort', stopped)
      resolve(goesOn)
    }
    const stopped = () => end(false)
    const timer = context.runtime.clock.setTimer(milliseconds, () => end(true))
    stop.addEventListener('abort', stopped)
  })
}
