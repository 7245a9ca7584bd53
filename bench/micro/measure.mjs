// How the micro benches measure: CPU time, as medians of some rounds.
const rounds = 9

/** CPU time of one of `times` calls, in ns, all threads. */
function cpuOf(times, work) {
  const before = process.cpuUsage()
  for (let time = 0; time < times; time++) work(time)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / times
}

/** Prints the median of what was measured. */
export function report(what, unit, values) {
  const median = [...values].sort((a, b) => a - b)[values.length >> 1]
  console.log(`${what.padEnd(66)} ${median.toFixed(unit === 'ms' ? 4 : 0).padStart(9)} ${unit}`)
}

/** Prints what one of `times` calls costs. */
export function measure(what, times, work) {
  cpuOf(times, work)
  const values = Array.from({ length: rounds }, () => cpuOf(times, work))
  report(what, 'ns', values)
}
