// Turns measurements (one object each) into medians, into ratios of Rivven to the best of the others, and into a table.

const settings = [
  'test',
  'tls',
  'for',
  'step',
  'topic',
  'members',
  'balancer',
  'partitions',
  'connections',
  'inflight',
  'batch',
  'size',
  'codec',
  'acks',
  'per_request',
  'flush_messages',
  'discard',
  'partition_bytes',
  'max_bytes',
  'groups',
  'interval_ms',
  'heartbeat_interval_ms',
  'topics',
  'rate',
  'request',
  'request_bytes',
]

/** The figures that count, and whether more of them is better. */
const figures = [
  ['mb_s', 'more'],
  ['requests_s', 'more'],
  ['records_s', 'more'],
  ['ratio', 'more'],
  ['over_ms', 'less'],
  ['end_to_end_p50_ms', 'less'],
  ['end_to_end_p99_ms', 'less'],
  ['p99_ms', 'less'],
  ['produced_ms', 'less'],
  ['settled_ms', 'less'],
  ['unmoved_wait_ms', 'less'],
  ['moved', 'less'],
  ['taken_over_ms', 'less'],
  ['rebalances', 'less'],
  ['revoked_elsewhere', 'less'],
  ['broker_cpu_s', 'less'],
  ['broker_cpu_s_per_gb', 'less'],
  ['database_cpu_s_per_gb', 'less'],
  ['longest_turn_ms', 'less'],
  ['longest_turn_cpu_ms', 'less'],
  ['canary_ms', 'less'],
  ['rss_rise_mib', 'less'],
  ['took_ms', 'less'],
  ['rss_mib', 'less'],
]

/** Where a test takes as long as it takes, more work in that time costs more CPU. */
const isMeant = (m, figure) => figure !== 'broker_cpu_s' || ['rebalance', 'connect'].includes(m.test)
const isClientTest = (m) => m.test?.startsWith('js-')
const nameOf = (m) => (isClientTest(m) ? m.client : m.broker)
const keyOf = (m) =>
  [
    ...settings.filter((name) => m[name] !== undefined).map((name) => `${name}=${m[name]}`),
    ...(isClientTest(m) ? [`on=${m.broker}`] : []),
  ].join(' ')

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** key -> figure -> who -> median */
function medians(measured) {
  const rows = new Map()
  for (const m of measured) {
    for (const [figure] of figures) {
      if (typeof m[figure] !== 'number' || !isMeant(m, figure)) continue
      const row = rows.get(keyOf(m)) ?? rows.set(keyOf(m), new Map()).get(keyOf(m))
      const cell = row.get(figure) ?? row.set(figure, new Map()).get(figure)
      cell.set(nameOf(m), [...(cell.get(nameOf(m)) ?? []), m[figure]])
    }
  }
  for (const row of rows.values())
    for (const cell of row.values()) for (const [who, values] of cell) cell.set(who, median(values))
  return rows
}

function ratioOf(figure, cell) {
  const ours = cell.get('rivven')
  const others = [...cell].filter(([who]) => who !== 'rivven').map(([, value]) => value)
  if (ours === undefined || others.length === 0) return undefined
  if (Math.min(ours, ...others) === 0) return undefined
  const [, better] = figures.find(([name]) => name === figure)
  return ours / (better === 'more' ? Math.max(...others) : Math.min(...others))
}

/** Rivven's median over the best other one, by measurement and figure. */
export function ratios(measured) {
  const found = {}
  for (const [key, row] of medians(measured)) {
    for (const [figure, cell] of row) {
      const ratio = ratioOf(figure, cell)
      if (ratio !== undefined) found[`${key} ${figure}`] = Math.round(ratio * 100) / 100
    }
  }
  return found
}

export function table(measured, before = {}) {
  const lines = ['| measurement | figure | medians | ratio | last ratio |', '|---|---|---|---|---|']
  for (const [key, row] of medians(measured)) {
    for (const [figure, cell] of row) {
      const ratio = ratioOf(figure, cell)
      const values = [...cell].map(([who, value]) => `${who} ${show(value)}`).join(', ')
      lines.push(
        `| ${key} | ${figure} | ${values} | ${ratio === undefined ? '' : ratio.toFixed(2)} | ${before[`${key} ${figure}`] ?? ''} |`,
      )
    }
  }
  return lines.join('\n')
}

function show(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en') : Math.round(value * 100) / 100
}
