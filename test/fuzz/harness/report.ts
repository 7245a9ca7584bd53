import type { Tally, TargetTally } from './campaign.js'
import type { FoundFault } from './slice.js'

/** A table, a line for each family of targets, or for each target. */
export function tallyTable(tally: Tally, isLong = false): string {
  const rows = new Map<string, TargetTally & { targets: number }>()
  for (const [name, one] of tally) {
    const key = isLong ? name : (name.split('/', 1)[0] as string)
    const row = rows.get(key) ?? { inputs: 0, taken: 0, ms: 0, leaks: 0, faults: [], targets: 0 }
    rows.set(key, { ...sum(row, one), targets: row.targets + 1 })
  }
  const all = [...tally.values()].reduce(sum, { inputs: 0, taken: 0, ms: 0, leaks: 0, faults: [] })
  const lines = [...rows, ['all', { ...all, targets: tally.size }] as const].map(([name, row]) => lineOf(name, row))
  return [
    '| what | targets | inputs | taken | inputs/s of CPU | faults |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...lines,
  ].join('\n')
}

function sum(a: TargetTally, b: TargetTally): TargetTally {
  const faults = [...a.faults, ...b.faults]
  return { inputs: a.inputs + b.inputs, taken: a.taken + b.taken, ms: a.ms + b.ms, leaks: 0, faults }
}

function lineOf(name: string, { targets, inputs, taken, ms, faults }: TargetTally & { targets: number }): string {
  const share = inputs === 0 ? 0 : Math.round((taken / inputs) * 100)
  const rate = ms === 0 ? 0 : Math.round((inputs / ms) * 1000)
  return `| ${name} | ${targets} | ${inputs} | ${share} % | ${rate} | ${faults.length} |`
}

/** All that is needed to see it again. */
export function faultText({ target, seed, what, input }: FoundFault): string {
  return [
    `✖ ${target}: ${what}`,
    `  input: ${input === '' ? '(none)' : input}`,
    `  again: npm run fuzz -- --target '${target}' --seed ${seed}`,
  ].join('\n')
}
