/** Counter and gauge values of one series as Prometheus keeps them: when it was scraped (seconds), and what it said. */
export type Series = readonly { readonly at: number; readonly value: number }[]

/** The expressions that our alerts are made of: a metric, maybe under increase or rate over a time, and a threshold. */
export interface Expression {
  readonly metric: string
  readonly over: { readonly call: 'increase' | 'rate'; readonly seconds: number } | null
  readonly threshold: number
  readonly compare: '>' | '>=' | '=='
}

const units = { m: 60, h: 3_600 }

export function parseExpression(text: string): Expression {
  const match = /^(?:(increase|rate)\()?([a-z_]+)(?:\{[^}]*\})?(?:\[(\d+)([mh])\]\))? (>|>=|==) (\d+)$/.exec(text)
  if (!match) throw new Error(`not an expression that is known here: ${text}`)
  const [, call, metric, count, unit, compare, threshold] = match
  const seconds = Number(count) * units[unit as 'm' | 'h']
  const over = call === undefined ? null : { call: call as 'increase' | 'rate', seconds }
  return { metric: metric as string, over, threshold: Number(threshold), compare: compare as Expression['compare'] }
}

/** Is the condition true at that time? Samples older than 5 minutes do not count, as in Prometheus. */
export function holds({ over, threshold, compare }: Expression, series: Series, at: number): boolean {
  const value = over ? overTime(over, series, at) : latest(series, at)
  if (value === undefined) return false
  return (compare !== '==' && value > threshold) || (compare !== '>' && value === threshold)
}

/** Is it true at every evaluation of the last `forSeconds`? */
export function fires(
  expression: Expression,
  series: Series,
  { at, forSeconds }: { at: number; forSeconds: number },
): boolean {
  for (let time = at - forSeconds; time <= at; time += 15) if (!holds(expression, series, time)) return false
  return true
}

function latest(series: Series, at: number): number | undefined {
  return series.findLast((sample) => sample.at <= at && sample.at > at - 300)?.value
}

/**
 * Prometheus' increase and rate: the growth between the first and the last sample of the window, resets counted as starts
 * from 0, extrapolated to the window's ends where samples come as close to them as they come to each other.
 */
function overTime(
  { call, seconds }: { call: string; seconds: number },
  series: Series,
  at: number,
): number | undefined {
  const samples = series.filter((sample) => sample.at > at - seconds && sample.at <= at)
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || samples.length < 2) return undefined
  let growth = 0
  samples.reduce((before, sample) => {
    growth += sample.value >= before.value ? sample.value - before.value : sample.value
    return sample
  })
  const sampled = last.at - first.at
  const between = sampled / (samples.length - 1)
  const reach = (gap: number): number => (gap < between * 1.1 ? gap : between / 2)
  // A counter cannot have been below 0.
  const toZero = growth > 0 ? sampled * (first.value / growth) : Number.POSITIVE_INFINITY
  const start = Math.min(reach(first.at - (at - seconds)), toZero)
  const increase = growth * ((sampled + start + reach(at - last.at)) / sampled)
  return call === 'rate' ? increase / seconds : increase
}
