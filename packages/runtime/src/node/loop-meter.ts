import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { LoopMeter } from '../loop-delays.js'

/** It looks so often, natively: 50 looks a second are not to be seen in the CPU of an idle process. */
const resolutionMs = 20
const nanoseconds = 1e6

export function nodeLoopMeter(): LoopMeter {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  // What is counted is the time between two looks.
  const lateness = (value: number) => Math.max(0, value / nanoseconds - resolutionMs)
  return {
    take() {
      const delays = { p99Ms: lateness(histogram.percentile(99)), maxMs: lateness(histogram.max) }
      histogram.reset()
      return delays
    },
    close: () => void histogram.disable(),
  }
}
