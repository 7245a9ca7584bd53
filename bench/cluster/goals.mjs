// The table of cluster.md: what is to be reached, and what was measured there, beside others where there are any.
import { median } from '../summary.mjs'

const labels = ['three', 'postgres', 'rivven', 'kafka']
const head = ['what', 'goal', 'three brokers', 'one on PostgreSQL', 'one on files', 'Apache Kafka', '']

const is = (facts) => (m) => Object.entries(facts).every(([name, value]) => m[name] === value)
const atLeast = (least) => (value) => (value >= least ? '' : `missed by ${percent(1 - value / least)}`)
const atMost = (most) => (value) =>
  value <= most ? '' : `missed by ${most === 0 ? show(value) : percent(value / most - 1)}`
const longest = (values) => Math.max(...values)

const batches = is({ test: 'produce', batch: 65536, step: 'storage' })
const singles = is({ test: 'produce', batch: 1100, step: 'storage' })
const latency = is({ test: 'latency', step: 'storage' })
const commits = is({ test: 'commit', step: 'storage' })
const offsetFetch = is({ test: 'offset-fetch', step: 'storage' })
const team = (step) => is({ test: 'team-settle', step, for: 'cluster' })
const fault = (name) => is({ test: `cluster-${name}` })

/** What, which measurements, which figure of them, unit, goal in words, and whether the figure of `of` (three brokers) reaches it. */
const rows = [
  {
    what: 'produce, 64 KiB batches, 8 connections',
    of: batches,
    figure: 'mb_s',
    unit: 'MB/s',
    goal: '≥ 70',
    judge: atLeast(70),
  },
  {
    what: 'the same, one broker',
    of: batches,
    figure: 'mb_s',
    unit: 'MB/s',
    goal: '≥ 90',
    judge: atLeast(90),
    judged: 'postgres',
    only: ['postgres'],
  },
  {
    what: 'CPU of brokers / of the database, a GB of that',
    of: batches,
    figure: ['broker_cpu_s_per_gb', 'database_cpu_s_per_gb'],
    unit: 's',
  },
  {
    what: 'one 1 KiB record a request, 8 × 16 in flight',
    of: singles,
    figure: 'requests_s',
    unit: '/s',
    goal: '≥ 12,000',
    judge: atLeast(12_000),
  },
  {
    what: 'CPU of brokers / of the database, a GB of that',
    of: singles,
    figure: ['broker_cpu_s_per_gb', 'database_cpu_s_per_gb'],
    unit: 's',
  },
  {
    what: 'end to end, 1,000 × 1 KiB/s, p50',
    of: latency,
    figure: 'end_to_end_p50_ms',
    unit: 'ms',
    goal: '≤ 3',
    judge: atMost(3),
  },
  { what: 'the same, p99', of: latency, figure: 'end_to_end_p99_ms', unit: 'ms', goal: '≤ 30', judge: atMost(30) },
  {
    what: 'OffsetCommit, 8 connections, one in flight',
    of: commits,
    figure: 'requests_s',
    unit: '/s',
    goal: '≥ 1,500',
    judge: atLeast(1500),
  },
  { what: 'the same, p50', of: commits, figure: 'p50_ms', unit: 'ms', goal: '≤ 5', judge: atMost(5) },
  { what: 'the same, p99', of: commits, figure: 'p99_ms', unit: 'ms' },
  { what: 'OffsetFetch, 8 connections, one in flight', of: offsetFetch, figure: 'requests_s', unit: '/s' },
  {
    what: 'consumers in step, 3 groups: rows that PostgreSQL reads',
    of: fault('followers'),
    figure: 'rows',
    unit: '',
    goal: '0',
    judge: atMost(0),
  },
  {
    what: 'group of 10, one joins',
    of: team('join'),
    figure: 'settled_ms',
    unit: 'ms',
    goal: '≤ 250',
    judge: atMost(250),
  },
  {
    what: 'group of 10, one leaves',
    of: team('leave'),
    figure: 'settled_ms',
    unit: 'ms',
    goal: '≤ 250',
    judge: atMost(250),
  },
  {
    what: 'kill -9: longest pause of a partition it led, median',
    of: fault('kill'),
    figure: 'took_ms',
    unit: 'ms',
    goal: '≤ 300',
    judge: atMost(300),
  },
  {
    what: 'the same, longest',
    of: fault('kill'),
    figure: 'took_ms',
    unit: 'ms',
    goal: '≤ 1,000',
    judge: atMost(1000),
    among: longest,
  },
  {
    what: 'SIGSTOP 6 s, longest',
    of: fault('hold'),
    figure: 'took_ms',
    unit: 'ms',
    goal: '≤ 4,000',
    judge: atMost(4000),
    among: longest,
  },
  {
    what: 'cut off from the database 6 s, longest',
    of: fault('cut'),
    figure: 'took_ms',
    unit: 'ms',
    goal: '≤ 4,000',
    judge: atMost(4000),
    among: longest,
  },
  {
    what: 'SIGTERM under load: longest pause, median',
    of: fault('drain'),
    figure: 'took_ms',
    unit: 'ms',
    goal: '≤ 300',
    judge: atMost(300),
  },
  { what: 'the same, longest', of: fault('drain'), figure: 'took_ms', unit: 'ms', among: longest },
  {
    what: 'the same: until the process has ended',
    of: fault('drain'),
    figure: 'whole_ms',
    unit: 'ms',
    goal: '≤ 3,000',
    judge: atMost(3000),
  },
  {
    what: "it comes back and takes its share: longest pause of a group's commits, median",
    of: fault('drain'),
    figure: 'join_ms',
    unit: 'ms',
    goal: '≤ 300',
    judge: atMost(300),
  },
  { what: 'the same, longest', of: fault('drain'), figure: 'join_ms', unit: 'ms', among: longest },
  { what: 'the same: until it has its share', of: fault('drain'), figure: 'share_ms', unit: 'ms' },
  {
    what: 'database away 2 s: longest pause beyond that',
    of: fault('restart'),
    figure: 'over_ms',
    unit: 'ms',
    goal: '≤ 1,000',
    judge: atMost(1000),
  },
  {
    what: 'the same: rebalances',
    of: fault('restart'),
    figure: 'rebalances',
    unit: '',
    goal: '0',
    judge: atMost(0),
    among: longest,
  },
  {
    what: 'take-over of 500 partitions after kill -9',
    of: fault('take-over'),
    figure: 'took_ms',
    unit: 'ms',
    goal: '≤ 1,000',
    judge: atMost(1000),
  },
  {
    what: 'startRivvenCluster({ brokers: 3 })',
    of: fault('in-process'),
    figure: 'took_ms',
    unit: 'ms',
    goal: '≤ 300',
    judge: atMost(300),
  },
  {
    what: 'simulator, three brokers',
    of: fault('simulator'),
    figure: 'seeds_s',
    unit: 'seeds/s',
    goal: '≥ 8',
    judge: atLeast(8),
  },
]

export function goalTable(measured) {
  const lines = rows.map((row) => lineOf(row, measured))
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function lineOf(
  { what, of, figure, unit, goal = '', judge, judged = 'three', only = labels, among = median },
  measured,
) {
  const mine = measured.filter(of)
  const figureOf = (label, name) => {
    const values = mine.filter((m) => m.broker === label && typeof m[name] === 'number').map((m) => m[name])
    return values.length === 0 ? undefined : among(values)
  }
  const cells = labels.map((label) => {
    const values = only.includes(label) ? [figure].flat().map((name) => figureOf(label, name)) : []
    const shown = values.filter((value) => value !== undefined).map(show)
    return shown.length === 0 ? '' : `${shown.join(' / ')} ${unit}`.trim()
  })
  const value = figureOf(judged, figure)
  const verdict = judge === undefined ? '' : value === undefined ? 'not measured' : judge(value) || 'reached'
  return [what, goal, ...cells, verdict]
}

const percent = (part) => `${Math.ceil(part * 100)} %`

function show(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Math.round(value * 100) / 100)
}
