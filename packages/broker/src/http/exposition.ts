import type { Buckets } from '../buckets.js'

export type Labels = Readonly<Record<string, string | number>>

/** The two lines before the samples of a metric. */
export function metricHead(name: string, type: 'gauge' | 'counter' | 'histogram', help: string): string {
  return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`
}

/** One line of Prometheus' text format 0.0.4. */
export function sample(name: string, labels: string, value: number): string {
  return `${name}{${labels}} ${value}\n`
}

/** Labels as they stand between braces. */
export function labelText(labels: Labels): string {
  let text = ''
  for (const [name, value] of Object.entries(labels)) text += `${text && ','}${name}="${escaped(String(value))}"`
  return text
}

/** All lines of one histogram; counts of buckets include those of the buckets below. */
export function histogramSamples(name: string, labels: string, { bounds, counts, count, sum }: Buckets): string {
  const before = labels && `${labels},`
  let text = ''
  let below = 0
  for (let index = 0; index < bounds.length; index++) {
    below += counts[index]!
    text += `${name}_bucket{${before}le="${bounds[index]}"} ${below}\n`
  }
  return `${text}${name}_bucket{${before}le="+Inf"} ${count}\n${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${count}\n`
}

const special = /[\\"\n]/g

function escaped(value: string): string {
  return value.replace(special, (character) => (character === '\n' ? '\\n' : `\\${character}`))
}
