import type { Clock } from '@rivven/runtime'
import type { Terminal } from './terminal.js'

/** Signals that ask a program to end, and the exit status by which a shell knows that one did. */
const statuses: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

export const stopSignals = Object.keys(statuses) as NodeJS.Signals[]

/** A command that was broken off because the user asked to stop: no failure, and nothing to tell. */
export class Stopped extends Error {}

/** The exit status after a stop; 0 where it was no signal that asked for it. */
export function statusOfStop(stop: AbortSignal): number {
  return statuses[String(stop.reason)] ?? 0
}

/**
 * What `work` brings, or Stopped when the user asks to stop: nobody waits for `work` then, or only until `grace` is over.
 */
export async function unlessStopped<T>(
  stop: AbortSignal,
  work: Promise<T>,
  grace: () => Promise<void> = async () => undefined,
): Promise<T> {
  let onStop = (): void => undefined
  const stopped = new Promise<never>((_, reject) => {
    onStop = () => void grace().then(() => reject(new Stopped()))
  })
  // It may still fail, when what it works with is closed.
  work.catch(() => undefined)
  stopped.catch(() => undefined)
  stop.addEventListener('abort', onStop)
  if (stop.aborted) onStop()
  try {
    return await Promise.race([work, stopped])
  } finally {
    stop.removeEventListener('abort', onStop)
  }
}

/** How long a reader that stands still may take for what was written, in milliseconds, once the user asks to stop. */
const readerGraceMs = 500

/** Waits until all data is with the operating system; Stopped where that takes too long after the user asked to stop. */
export function flushedUnlessStopped(terminal: Terminal, clock: Clock): Promise<void> {
  const grace = () => new Promise<void>((resolve) => void clock.setTimer(readerGraceMs, resolve))
  return unlessStopped(terminal.stop, terminal.flushed(), grace)
}
