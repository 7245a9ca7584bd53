/** What has changed and how long that took: both count half after a minute, so that their quotient is a mean of the last minutes. */
export interface Rate {
  change: number
  seconds: number
  /** Since it began, or began again. */
  samples: number
}

const halfLifeSeconds = 60
/** Fewer tell nothing. */
const leastSamples = 3

export function fadeRate(rate: Rate, change: number, seconds: number): void {
  if (seconds <= 0) return
  const left = 2 ** (-seconds / halfLifeSeconds)
  rate.change = rate.change * left + change
  rate.seconds = rate.seconds * left + seconds
  rate.samples += 1
}

export function restartRate(rate: Rate): void {
  rate.change = 0
  rate.seconds = 0
  rate.samples = 1
}

/** Null: there were too few samples. */
export function ratePerSecond({ change, seconds, samples }: Rate): number | null {
  return samples < leastSamples || seconds === 0 ? null : change / seconds
}
