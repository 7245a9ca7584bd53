import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expectSame, feed, linesOf, numbered } from './feeding.mjs'

const run = promisify(execFile)
const partitionCount = 4

/** Where Kafka's own classes are; Maven fetches them the first time. */
export async function kafkaClasspath() {
  const script = `source ${join(import.meta.dirname, '../bench/kafka/classpath.sh')} && kafka_classpath`
  const { stdout } = await run('bash', ['-c', script])
  return stdout.trim()
}

/** Kafka's own console tools. */
export async function java(address) {
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
export async function javaTransactions(address) {
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
