// `npm run bench`: Rivven beside Apache Kafka (where java and mvn are there) and beside other JavaScript clients, in one
// run, alternating; medians of --runs (default 3). `--only produce,js` keeps some of the parts. Writes bench/results/*.json,
// prints a table; `--save` makes this run's ratios the new bench/baseline.json. How to read it: docs/benchmarks.md.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { goalTable } from './cluster/goals.mjs'
import { untilIdle } from './idle.mjs'
import { ratios, table } from './summary.mjs'

const here = import.meta.dirname
const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    only: { type: 'string' },
    save: { type: 'boolean', default: false },
    'no-kafka': { type: 'boolean', default: false },
    // A core for the broker and one for the load: who has more threads has no more cores.
    pin: { type: 'boolean', default: false },
  },
})
const runs = Number(options.runs)
const parts = [
  'start',
  'produce',
  'produce-fsync',
  'fetch',
  'tls',
  'rights',
  'groups',
  'rebalance',
  'teams',
  'latency',
  'js',
  'copy',
  'large-requests',
  'cluster',
]
const chosen = options.only ? options.only.split(',') : parts
const unknown = chosen.find((part) => !parts.includes(part))
if (unknown) {
  console.error(`There is no part "${unknown}": ${parts.join(', ')}.`)
  process.exit(2)
}

const has = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0
const work = mkdtempSync(join(tmpdir(), 'rivven-bench-'))
const env = { ...process.env, WORK: work }
const usesTls = chosen.includes('tls')
mkdirSync(join(here, 'results'), { recursive: true })
const resultFile = join(here, 'results', `${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`)

const ports = { rivven: 49292, kafka: 49192 }
/** The listener with TLS has this port above the plain one. */
const TLS_ABOVE = 5000
const certificates = join(here, '../test/support/certificates')
const rivvend = join(here, '../packages/rivvend/bin/rivvend.cjs')
const rivvenArgs = (dataDir) => [
  rivvend,
  '--listen',
  `127.0.0.1:${ports.rivven}`,
  '--data-dir',
  dataDir,
  '--set',
  'num_partitions=6',
  '--set',
  'group_initial_rebalance_delay_ms=0',
]
const kafkaScript = join(here, 'kafka/kafka.sh')

/** Two listeners on one broker, the second with TLS. */
const tlsArgs = (dataDir) => [
  ...rivvenArgs(dataDir).filter((word) => word !== '--listen' && word !== `127.0.0.1:${ports.rivven}`),
  ...[
    `listeners=PLAINTEXT://127.0.0.1:${ports.rivven},SSL://127.0.0.1:${ports.rivven + TLS_ABOVE}`,
    `ssl_certificate_location=${join(certificates, 'broker.pem')}`,
    `ssl_key_location=${join(certificates, 'broker.key')}`,
    // Handshakes are measured as fast as they can be done.
    'ssl_handshakes_per_second=100000',
  ].flatMap((word) => ['--set', word]),
]

const onCore = (core, words) => (options.pin ? ['taskset', '-c', String(core), ...words] : words)

async function startRivven() {
  const args = usesTls ? tlsArgs : rivvenArgs
  const [command, ...words] = onCore(0, [process.execPath, ...args(join(work, 'rivven'))])
  const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'inherit'] })
  await answers(ports.rivven)
  return placeOf('rivven', ports.rivven, child)
}

/** What is measured: where it is reached, and the process of the broker that is there. */
function placeOf(label, port, child) {
  const end = async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null) await new Promise((done) => child.once('exit', done))
  }
  return { label, ...addressesOf(port), bootstrapServers: `127.0.0.1:${port}`, pids: [child.pid], end }
}

const addressesOf = (port) => ({ address: `127.0.0.1:${port}`, tlsAddress: `127.0.0.1:${port + TLS_ABOVE}` })

/** Pairs of one run: what is compared is smaller than what tells two moments of this machine apart. */
const RIGHTS_PAIRS = 10

/**
 * A broker that looks up each request's rights beside one that does not, both in one process: rights/both-brokers.mjs. They are asked in
 * turns, and who is first in a pair changes.
 */
async function measureRights() {
  const both = await startBoth()
  try {
    for (const line of linesOf('rights')) for (const place of both.places) goProgram(line, place, false)
    for (let run = 0; run < runs; run++) {
      for (const line of linesOf('rights')) {
        for (let pair = 0; pair < RIGHTS_PAIRS; pair++)
          for (const place of pair % 2 ? both.places.toReversed() : both.places) goProgram(line, place)
      }
    }
  } finally {
    await both.end()
  }
}

async function startBoth() {
  const [checked, unchecked] = [ports.rivven, ports.rivven + 1]
  const program = join(here, 'rights/both-brokers.mjs')
  const [command, ...words] = onCore(
    0,
    [process.execPath, program, join(work, 'rights'), checked, unchecked].map(String),
  )
  const child = spawn(command, words, { stdio: ['pipe', 'ignore', 'inherit'] })
  for (const port of [checked, unchecked]) await answers(port)
  const end = async () => {
    child.stdin.end()
    await once(child, 'exit')
  }
  return { places: [placeOf('rivven', checked, child), placeOf('unchecked', unchecked, child)], end }
}

/** Several brokers on one PostgreSQL, and what sharing costs: cluster/main.mjs. */
async function measureOnPostgres() {
  // The tests' servers and processes, which are there when the build was made.
  const { measureCluster } = await import('./cluster/main.mjs')
  const withKafka = hasKafka()
  await measureCluster({
    runs,
    work,
    lines: linesOf('cluster'),
    startKafka: () => (withKafka ? startKafka() : null),
    goProgram: (line, place, more) => goProgram(line, place, true, more, 60_000),
    nodeProgram: (program, words, { label, bootstrapServers }, more) =>
      measure(
        process.execPath,
        [join(here, 'js', program), ...words, '--label', label, bootstrapServers],
        true,
        60_000,
        more,
      ),
    tell: keep,
  })
}

/** Certificate and key in one file, as Kafka wants them. */
const bothPem = () => ['broker.pem', 'broker.key'].map((name) => readFileSync(join(certificates, name))).join('\n')

async function startKafka() {
  if (usesTls) writeFileSync(join(work, 'both.pem'), bothPem())
  if (usesTls) env.TLS = join(work, 'both.pem')
  execFileSync(kafkaScript, ['format', String(ports.kafka)], { env, stdio: 'inherit' })
  const [command, ...words] = onCore(0, [kafkaScript, 'run', String(ports.kafka)])
  const child = spawn(command, words, { env, stdio: 'ignore' })
  await answers(ports.kafka)
  return placeOf('kafka', ports.kafka, child)
}

function hasKafka() {
  const isThere = !options['no-kafka'] && has('java', '-version') && has('mvn', '-version')
  if (!isThere) console.error('Apache Kafka is left out (it needs java and mvn, or --no-kafka was given).')
  return isThere
}

async function answers(port) {
  for (let tries = 0; tries < 300; tries++) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (open) return
    await pause(200)
  }
  throw new Error(`Nothing answers on port ${port}.`)
}

/** Runs a program; keeps what it measured, with `more` beside it, unless it only prepares something. */
function measure(command, args, isRecorded = true, timeout = 180_000, more = {}) {
  spawnSync('sync')
  const [first, ...others] = onCore(1, [command, ...args])
  const { stdout, status, stderr } = spawnSync(first, others, { env, encoding: 'utf8', timeout })
  if (status !== 0) console.error(`failed: ${command} ${args.join(' ')}\n${stderr}`)
  for (const line of (stdout ?? '').split('\n')) {
    if (!isRecorded || !line.startsWith('{')) continue
    keep({ ...JSON.parse(line), ...more })
  }
}

function keep(measurement) {
  appendFileSync(resultFile, `${JSON.stringify(measurement)}\n`)
  process.stderr.write('.')
}

function goProgram(
  line,
  { label, pids, databasePid = 0, ...addresses },
  isRecorded = true,
  more = {},
  timeout = undefined,
) {
  const [program, ...words] = line.split(/\s+/)
  const watched = ['-label', label, '-broker-pid', pids.join(','), '-database-pid', String(databasePid)]
  const args = [...words, ...watched, addressFor(words, addresses)]
  measure(join(work, 'bin', program), args, isRecorded, timeout, more)
}

const addressFor = (words, { address, tlsAddress }) => (words.includes('-tls') ? tlsAddress : address)

const linesOf = (list) =>
  readFileSync(join(here, 'lists', `${list}.txt`), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

async function runList(list, brokers, times = runs) {
  for (let run = 0; run < times; run++) {
    for (const line of linesOf(list)) {
      for (const broker of brokers) {
        await untilIdle(brokers.flatMap(({ pids }) => pids))
        goProgram(line, broker, list !== 'fill')
      }
    }
  }
}

function measureStart(label) {
  const prepare = label === 'kafka' ? `${kafkaScript} format ${ports.kafka}` : `rm -rf ${join(work, 'start')}`
  const command =
    label === 'kafka'
      ? [kafkaScript, 'run', String(ports.kafka)]
      : [process.execPath, ...rivvenArgs(join(work, 'start'))]
  const { stdout } = spawnSync(
    join(work, 'bin/start'),
    ['-runs', String(runs), '-prepare', prepare, `127.0.0.1:${ports[label]}`, ...command],
    { env, encoding: 'utf8' },
  )
  for (const line of stdout.split('\n')) {
    if (line.startsWith('{')) appendFileSync(resultFile, `${JSON.stringify({ ...JSON.parse(line), broker: label })}\n`)
  }
}

/** Groups of our own consumers, on Rivven and on Kafka: js/teams.mjs. */
function measureTeams(brokers) {
  const lines = [
    'settle --rounds 3 --balancer range',
    'settle --rounds 3 --balancer range --flow',
    'settle --rounds 3',
    'settle --rounds 3 --flow',
    'pause --rounds 3',
    'handover --rounds 10',
    'kill',
    'bounce',
  ]
  for (let run = 0; run < runs; run++) {
    for (const line of lines) {
      for (const { label, address } of brokers)
        measure(process.execPath, [join(here, 'js/teams.mjs'), ...line.split(' '), '--label', label, address])
    }
  }
}

/** A copy with transactions beside the same without: js/copy.mjs takes the medians. */
function measureCopies(brokers) {
  for (const { label, address } of brokers)
    measure(process.execPath, [join(here, 'js/copy.mjs'), '--rounds', String(runs), '--label', label, address])
}

/** To a broker of its own, which tells of its turns. */
function measureLargeRequests() {
  for (let run = 0; run < runs; run++)
    measure(process.execPath, [join(here, 'large-requests/main.mjs')], true, 1_800_000)
}

function measureClients(brokers) {
  const sizes = [
    ['100', '1000000'],
    ['1024', '300000'],
  ]
  for (const broker of brokers)
    for (const [size, records] of sizes)
      goProgram(`load produce -keep -topic js${size} -size ${size} -records ${records} -connections 2`, broker, false)
  const clients = ['rivven', 'kafkajs', 'platformatic']
  const client = (broker, ...words) =>
    measure(process.execPath, [join(here, 'js/clients.mjs'), ...words, '--label', broker.label, broker.address])
  for (let run = 0; run < runs; run++) {
    for (const broker of brokers) {
      for (const name of clients) {
        for (const [size, records] of sizes) {
          client(broker, 'consume', '--client', name, '--topic', `js${size}`, '--records', records, '--size', size)
          goProgram('load produce -keep -topic jsout -size 100 -records 1', broker, false)
          client(broker, 'produce', '--client', name, '--topic', 'jsout', '--records', records, '--size', size)
        }
      }
    }
  }
}

async function main() {
  if (chosen.includes('large-requests')) measureLargeRequests()
  if (chosen.some((part) => part !== 'large-requests')) {
    buildLoads()
    if (chosen.includes('rights')) await measureRights()
    if (chosen.includes('cluster')) await measureOnPostgres()
    if (chosen.some((part) => !['large-requests', 'rights', 'cluster'].includes(part))) await measureBrokers()
  }
  rmSync(work, { recursive: true, force: true })
  report()
}

function buildLoads() {
  if (!has('go', 'version')) throw new Error('The load programs need Go (https://go.dev): it was not found.')
  console.error('building the load programs…')
  execFileSync('go', ['build', '-o', join(work, 'bin/'), './load', './latency', './members', './start'], {
    cwd: join(here, 'go'),
    stdio: 'inherit',
  })
}

async function measureBrokers() {
  const withKafka = hasKafka()
  if (chosen.includes('start')) for (const label of withKafka ? ['rivven', 'kafka'] : ['rivven']) measureStart(label)
  const brokers = [await startRivven(), ...(withKafka ? [await startKafka()] : [])]
  try {
    if (chosen.some((part) => part.startsWith('produce') || part === 'fetch' || part === 'tls')) warmUp(brokers)
    for (const part of ['produce', 'produce-fsync']) if (chosen.includes(part)) await runList(part, brokers)
    if (chosen.includes('fetch') || chosen.includes('tls')) await runList('fill', brokers, 1)
    for (const part of ['fetch', 'tls']) if (chosen.includes(part)) await runList(part, brokers)
    for (const part of ['groups', 'latency']) if (chosen.includes(part)) await runList(part, brokers)
    if (chosen.includes('rebalance'))
      for (const list of ['rebalance-100', 'rebalance-1000', 'rebalance-fast']) await runList(list, brokers)
    if (chosen.includes('teams')) measureTeams(brokers)
    if (chosen.includes('js')) measureClients(brokers)
    if (chosen.includes('copy')) measureCopies(brokers)
  } finally {
    await Promise.all(brokers.map((broker) => broker.end()))
  }
}

/** Memory that the machine has never used costs ten times as much, and compilers need to see the code: some runs first. */
function warmUp(brokers) {
  for (let run = 0; run < 3; run++) {
    for (const broker of brokers) {
      const words = ['produce', '-connections', '2', '-gib', '1', '-label', 'warm-up', broker.address]
      spawnSync(join(work, 'bin/load'), words, { env, stdio: 'ignore' })
    }
  }
}

function report() {
  const measured = existsSync(resultFile)
    ? readFileSync(resultFile, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : []
  const now = ratios(measured)
  const baselineFile = join(here, 'baseline.json')
  const before = existsSync(baselineFile) ? JSON.parse(readFileSync(baselineFile, 'utf8')).ratios : {}
  console.log(table(measured, before))
  if (chosen.includes('cluster')) console.log(`\n${goalTable(measured)}`)
  console.log(`\nAll figures: ${resultFile}`)
  if (!options.save) return
  const saved = {
    made: new Date().toISOString().slice(0, 10),
    node: process.version,
    runs,
    ratios: { ...before, ...now },
  }
  writeFileSync(baselineFile, `${JSON.stringify(saved, null, 2)}\n`)
}

await main()
