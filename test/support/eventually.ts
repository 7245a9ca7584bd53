import { setTimeout as pause } from 'node:timers/promises'

/** Runs a check again and again until it no longer throws; after `withinMs` its last error is thrown. */
export async function eventually(check: () => void | Promise<void>, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await pause(10)
  }
}
