// `npm run interop`: clients of other languages against rivvend, from produce to a group of two. Needs what it tests: kcat,
// librdkafka through Python (pip install confluent-kafka), Java's console tools (java and mvn); what is missing is skipped
// with a line; `npm run interop -- transactions` plays only what has this in its name. Each check reads back exactly what
// another client wrote.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { javaMember, librdkafkaMember, mixedGroup } from './mixed-groups.mjs'

const run = promisify(execFile)
const here = import.meta.dirname
const root = join(here, '..')
const partitionCount = 4
const has = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

async function startBroker(dataDir) {
  const args = [
    join(root, 'packages/rivvend/bin/rivvend.cjs'),
    '--listen',
    '127.0.0.1:0',
    '--data-dir',
    dataDir,
    '--set',
    'group_initial_rebalance_delay_ms=0',
    '--set',
    `num_partitions=${partitionCount}`,
    '--http',
    'off',
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const address = line.match(/ready on (\S+)/)?.[1]
    if (address) return { child, address }
  }
  throw new Error('rivvend ended before it was ready')
}

const numbered = (count) => Array.from({ length: count }, (_, at) => `v${at}`)
const sorted = (values) => [...values].sort().join('\n')

function expectSame(what, got, expected) {
  if (sorted(got) !== sorted(expected))
    throw new Error(`${what}: ${got.length} records came, ${expected.length} were expected`)
}

function feed(command, args, lines, options = {}) {
  const result = spawnSync(command, args, {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
    timeout: 60_000,
    ...options,
  })
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${result.status}: ${result.stderr}`)
  return result.stdout
}

const linesOf = (text) => text.split('\n').filter(Boolean)

/** What kcat does: every codec, a group that resumes. */
function kcat(address) {
  const values = numbered(500)
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    feed('kcat', ['-b', address, '-P', '-t', `kcat-${codec}`, '-z', codec], values)
    const read = linesOf(feed('kcat', ['-b', address, '-C', '-t', `kcat-${codec}`, '-o', 'beginning', '-e', '-q'], []))
    expectSame(`kcat ${codec}`, read, values)
  }
  const first = linesOf(
    feed('kcat', ['-b', address, '-G', 'kcat-group', '-X', 'auto.offset.reset=earliest', '-e', '-q', 'kcat-none'], []),
  )
  expectSame('kcat in a group', first, values)
  feed('kcat', ['-b', address, '-P', '-t', 'kcat-none'], ['one more'])
  const again = linesOf(
    feed('kcat', ['-b', address, '-G', 'kcat-group', '-X', 'auto.offset.reset=earliest', '-e', '-q', 'kcat-none'], []),
  )
  expectSame('kcat in a group, resumed', again, ['one more'])
}

/** librdkafka through Python: the checks are in librdkafka.py. */
function librdkafka(address) {
  process.stdout.write(feed('python3', [join(here, 'librdkafka.py'), address], []))
}

/** The same for transactions. */
function librdkafkaTransactions(address) {
  process.stdout.write(feed('python3', [join(here, 'librdkafka_transactions.py'), address], [], { timeout: 120_000 }))
}

async function kafkaClasspath() {
  const script = `source ${join(root, 'bench/kafka/classpath.sh')} && kafka_classpath`
  const { stdout } = await run('bash', ['-c', script])
  return stdout.trim()
}

/** Kafka's own console tools. */
async function java(address) {
  const classpath = await kafkaClasspath()
  const tool = (name, args, lines = []) =>
    feed('java', ['-cp', classpath, `org.apache.kafka.tools.${name}`, ...args], lines)
  const values = numbered(200)
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    tool(
      'ConsoleProducer',
      ['--bootstrap-server', address, '--topic', `java-${codec}`, '--compression-codec', codec],
      values,
    )
    const read = linesOf(
      tool('consumer.ConsoleConsumer', [
        '--bootstrap-server',
        address,
        '--topic',
        `java-${codec}`,
        '--from-beginning',
        '--max-messages',
        '200',
        '--timeout-ms',
        '20000',
      ]),
    )
    expectSame(`java ${codec}`, read, values)
  }
  const group = [
    '--bootstrap-server',
    address,
    '--topic',
    'java-none',
    '--group',
    'java-group',
    '--from-beginning',
    '--timeout-ms',
    '8000',
  ]
  expectSame('java in a group', linesOf(tool('consumer.ConsoleConsumer', [...group, '--max-messages', '200'])), values)
  tool('ConsoleProducer', ['--bootstrap-server', address, '--topic', 'java-none'], ['one more'])
  expectSame('java in a group, resumed', linesOf(tool('consumer.ConsoleConsumer', [...group, '--max-messages', '1'])), [
    'one more',
  ])
  const described = tool('consumer.group.ConsumerGroupCommand', [
    '--bootstrap-server',
    address,
    '--describe',
    '--group',
    'java-group',
  ])
  if (!described.includes('java-none')) throw new Error(`kafka-consumer-groups does not see the group: ${described}`)
}

/**
 * Kafka's copier of its own system tests: four in one group copy exactly once, aborting at random; then what its tool for
 * transactions shows.
 */
async function javaTransactions(address) {
  const classpath = await kafkaClasspath()
  const javaTool = (name, args, options = {}) =>
    run('java', ['-cp', classpath, `org.apache.kafka.tools.${name}`, ...args], {
      timeout: 120_000,
      maxBuffer: 1 << 26,
      ...options,
    })
  const values = numbered(5000)
  const keyed = ['--bootstrap-server', address, '--topic', 'copier-input', '--reader-property', 'parse.key=true']
  const lines = values.map((value) => `${value}\t${value}`)
  feed('java', ['-cp', classpath, 'org.apache.kafka.tools.ConsoleProducer', ...keyed], lines)
  const copy = (number) =>
    javaTool('TransactionalMessageCopier', [
      ...['--broker-list', address, '--input-topic', 'copier-input', '--input-partition', String(number)],
      ...['--output-topic', 'copier-output', '--consumer-group', 'copiers', '--transaction-size', '100'],
      ...['--transactional-id', `copier-${number}`, '--enable-random-aborts', '--use-group-metadata', '--group-mode'],
    ])
  await Promise.all(Array.from({ length: partitionCount }, (_, number) => copy(number)))
  const { stdout } = await javaTool('consumer.ConsoleConsumer', [
    ...['--bootstrap-server', address, '--topic', 'copier-output', '--from-beginning', '--timeout-ms', '5000'],
    ...['--isolation-level', 'read_committed'],
  ])
  expectSame('copies in transactions', linesOf(stdout), values)
  const listed = await javaTool('TransactionsCommand', ['--bootstrap-server', address, 'list'])
  const ended = linesOf(listed.stdout).filter((line) => /^copier-\d.*(Complete|Empty)/.test(line))
  if (ended.length !== partitionCount) throw new Error(`kafka-transactions does not list the copiers: ${listed.stdout}`)
  const hanging = ['--bootstrap-server', address, 'find-hanging', '--broker-id', '1']
  const { stdout: found } = await javaTool('TransactionsCommand', hanging)
  if (linesOf(found).length > 1) throw new Error(`transactions hang: ${found}`)
}

const hasPython = () => has('python3', '-c', 'import confluent_kafka')
const hasJava = () => has('java', '-version') && has('mvn', '-version')

const suites = [
  { name: 'kcat', needs: 'kcat (apt-get install kcat)', isThere: () => has('kcat', '-V'), play: kcat },
  {
    name: 'librdkafka',
    needs: 'Python with confluent-kafka (pip install confluent-kafka)',
    isThere: hasPython,
    play: librdkafka,
  },
  {
    name: 'librdkafka transactions',
    needs: 'Python with confluent-kafka (pip install confluent-kafka)',
    isThere: hasPython,
    play: librdkafkaTransactions,
  },
  {
    name: 'librdkafka beside our members in a group',
    needs: 'Python with confluent-kafka (pip install confluent-kafka)',
    isThere: hasPython,
    play: (address) => mixedGroup(address, 'librdkafka', librdkafkaMember),
  },
  { name: 'java', needs: 'java and mvn', isThere: hasJava, play: java },
  {
    name: 'java beside our members in a group',
    needs: 'java and mvn',
    isThere: hasJava,
    play: async (address) => mixedGroup(address, 'java', javaMember(await kafkaClasspath())),
  },
  { name: 'java transactions', needs: 'java and mvn', isThere: hasJava, play: javaTransactions },
]
const only = process.argv[2]

/** Our members beside Java's on another cluster: `npm run interop -- --on-kafka HOST:PORT`. */
if (only === '--on-kafka') {
  await mixedGroup(process.argv[3], `java-${Date.now()}`, javaMember(await kafkaClasspath()))
  console.log('ok       our members beside one of Java on Kafka')
  process.exit(0)
}

const dataDir = mkdtempSync(join(tmpdir(), 'rivven-interop-'))
const { child, address } = await startBroker(dataDir)
let failed = 0
for (const { name, needs, isThere, play } of suites) {
  if (only !== undefined && !name.includes(only)) continue
  if (!isThere()) {
    console.log(`skipped  ${name}: it needs ${needs}`)
    continue
  }
  try {
    await play(address)
    console.log(`ok       ${name}`)
  } catch (error) {
    failed++
    console.log(`FAILED   ${name}: ${error.message}`)
  }
}
child.kill('SIGTERM')
await new Promise((done) => child.once('exit', done))
rmSync(dataDir, { recursive: true, force: true })
process.exitCode = failed > 0 ? 1 : 0
