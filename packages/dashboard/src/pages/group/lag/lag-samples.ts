import type { ApiAnswers } from '@rivven/broker'
import { lagSums } from './lag-sums.js'

/** How far a group was behind at a time. */
export interface LagSample {
  readonly at: number
  readonly lag: number
  readonly seconds: number | null
  readonly produced: number
  readonly consumed: number
}

/** An hour of them, one in two seconds. */
const most = 1800

/** With one more sample; the oldest goes. */
export function withSample(
  samples: readonly LagSample[],
  rows: readonly ApiAnswers.LagRow[],
  at: number,
): readonly LagSample[] {
  const sums = lagSums(rows, 'topic')
  const known = sums.flatMap(({ lagSeconds }) => lagSeconds ?? [])
  const sample = {
    at,
    lag: sums.reduce((sum, { lag }) => sum + lag, 0),
    seconds: known.length === 0 ? null : Math.max(...known),
    produced: sums.reduce((sum, { producedPerSecond }) => sum + producedPerSecond, 0),
    consumed: sums.reduce((sum, { consumedPerSecond }) => sum + consumedPerSecond, 0),
  }
  return [...samples.slice(-(most - 1)), sample]
}
