/** A measurement, and when it was made. */
export interface Sample {
  readonly ms: number
  readonly value: number
}

/** By how many percent of what it was at first something grows in an hour: the line with the least squares through all samples. */
export function growthPerHour(samples: readonly Sample[]): number {
  const count = samples.length
  if (count < 2) return 0
  const middle = mean(samples.map(({ ms }) => ms))
  const level = mean(samples.map(({ value }) => value))
  let [rise, run] = [0, 0]
  for (const { ms, value } of samples) {
    rise += (ms - middle) * (value - level)
    run += (ms - middle) ** 2
  }
  const slope = run === 0 ? 0 : rise / run
  const atFirst = level - slope * (middle - samples[0]!.ms)
  return (slope * 3_600_000 * 100) / atFirst
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
