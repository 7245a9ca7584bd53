import { arrivalBounds } from './arrival.js'
import type { WaitedLog } from './waiting.js'

/** How many transactions were aborted since then, by when their markers came; wall milliseconds. */
export function abortedSince({ aborted, state, store }: WaitedLog, since: number, now: number): number {
  const { all } = aborted
  let count = 0
  for (let index = all.length - 1; index >= 0; index--) {
    const bounds = arrivalBounds({ clock: state.clock, segments: store.segments }, all[index]!.lastOffset, now)
    if (bounds.to < since) break
    count += 1
  }
  return count
}
