import type { Command } from 'commander'
import { count, type Run, repeated, repeatedCount } from '../command-line.js'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'
import { partitionsOf } from '../partitions.js'
import { duration, durationText, timeText } from '../text/durations.js'
import { type Column, type Row, renderRows, renderValue, table } from '../text/output.js'
import { abortTransaction } from './transaction-abort.js'

export function addTransactionCommands(program: Command, run: Run): void {
  const transaction = program.command('transaction').description('see transactions, and end those that hang')
  transaction
    .command('list')
    .option('--state <states>', 'only those in these states, as Ongoing,PrepareCommit', repeated)
    .option('--producer-id <id>', 'only of this producer, again for more', repeatedCount)
    .option('--longer-than <duration>', 'only those that began so long ago: 90s, 15m, PT1H', duration)
    .description('list transactional ids')
    .action(run(listTransactions))
  transaction
    .command('describe')
    .argument('[transactional-ids...]')
    .option('--topic <topic>', 'instead: producers that wrote to a topic, and where they have a transaction open')
    .option('--partition <number>', 'this partition of it only', count)
    .description('producer, state and partitions of transactions')
    .action(run(describeTransactions))
  transaction
    .command('abort')
    .argument('[transactional-id]')
    .option('--topic <topic>', 'for a transaction that no coordinator knows: where it hangs')
    .option('--partition <number>', 'in this partition', count)
    .option('--producer-id <id>', 'and whose it is', count)
    .option('--dry-run', 'only show what would be aborted')
    .description('shut a producer out and abort its transaction, or end one that hangs in a partition')
    .action(run(abortTransaction))
}

interface ListOptions {
  state?: string[]
  producerId?: number[]
  longerThan?: number
}

const listColumns: Column[] = [
  { field: 'transactionalId', title: 'TRANSACTIONAL-ID' },
  { field: 'producerId', title: 'PRODUCER-ID' },
  { field: 'state', title: 'STATE' },
  { field: 'coordinator', title: 'COORDINATOR' },
]

async function listTransactions(context: CommandContext, options: ListOptions): Promise<void> {
  const admin = await context.admin()
  const found = await admin.listTransactions({
    states: options.state?.flatMap((word) => word.split(',')),
    producerIds: options.producerId,
    longerThanMs: options.longerThan,
  })
  const rows = found.map((entry): Row => ({ ...entry }))
  context.terminal.out(renderRows(context.output, listColumns, rows))
}

interface DescribeOptions {
  topic?: string
  partition?: number
}

async function describeTransactions(
  context: CommandContext,
  transactionalIds: string[],
  options: DescribeOptions,
): Promise<void> {
  if ((options.topic === undefined) === (transactionalIds.length === 0))
    throw new UsageError('Name transactional ids, or the topic whose producers you want to see: --topic T.')
  if (options.partition !== undefined && options.topic === undefined) throw new UsageError('--partition needs --topic.')
  if (options.topic !== undefined) return describeProducers(context, options.topic, options.partition)
  const admin = await context.admin()
  const found = await admin.describeTransactions(transactionalIds)
  const now = context.runtime.clock.now()
  if (context.output === 'json' || context.output === 'yaml')
    return context.terminal.out(renderValue(context.output, found))
  if (context.output === 'csv' || context.output === 'ndjson')
    return context.terminal.out(renderRows(context.output, factColumns, found.map(factRow)))
  context.terminal.out(found.map((transaction) => factText(transaction, now)).join('\n'))
}

type Description = Awaited<ReturnType<Awaited<ReturnType<CommandContext['admin']>>['describeTransactions']>>[number]

const factColumns: Column[] = [
  ...listColumns,
  { field: 'producerEpoch', title: 'PRODUCER-EPOCH' },
  { field: 'timeoutMs', title: 'TIMEOUT-MS' },
  { field: 'startedAt', title: 'STARTED-AT' },
  { field: 'partitions', title: 'PARTITIONS' },
]

function factRow(found: Description): Row {
  return { ...found, partitions: found.partitions.map(({ topic, partition }) => `${topic}/${partition}`).join(' ') }
}

function factText(found: Description, now: number): string {
  const { producerId, producerEpoch, coordinator, timeoutMs, startedAt, partitions } = found
  const open = startedAt === null ? 'none' : `since ${timeText(startedAt)}, for ${durationText(now - startedAt)}`
  const columns = [
    { field: 'topic', title: 'TOPIC' },
    { field: 'partition', title: 'PARTITION' },
  ]
  const rows = partitions.map((place): Row => ({ ...place }))
  return [
    `Transactional id: ${found.transactionalId}\nState: ${found.state}\nOpen: ${open}\n`,
    `Timeout: ${durationText(timeoutMs)}\nProducer: id ${producerId}, epoch ${producerEpoch}\nCoordinator: broker-${coordinator}\n`,
    rows.length > 0 ? `\n${table(columns, rows)}` : '',
  ].join('')
}

const producerColumns: Column[] = [
  { field: 'topic', title: 'TOPIC' },
  { field: 'partition', title: 'PARTITION' },
  { field: 'producerId', title: 'PRODUCER-ID' },
  { field: 'producerEpoch', title: 'PRODUCER-EPOCH' },
  { field: 'coordinatorEpoch', title: 'COORDINATOR-EPOCH' },
  { field: 'lastSequence', title: 'LAST-SEQUENCE' },
  { field: 'lastTime', title: 'LAST-TIME' },
  { field: 'transactionStartOffset', title: 'OPEN-SINCE-OFFSET' },
]

async function describeProducers(context: CommandContext, topic: string, partition: number | undefined): Promise<void> {
  const admin = await context.admin()
  const wanted = await partitionsOf(admin, topic, partition === undefined ? undefined : [partition])
  const found = await admin.describeProducers(wanted.map((number) => ({ topic, partition: number })))
  const rows = found.flatMap((place) =>
    place.producers.map(({ lastTimestamp, ...producer }): Row => {
      const lastTime = lastTimestamp < 0 ? null : timeText(lastTimestamp)
      return { topic: place.topic, partition: place.partition, ...producer, lastTime }
    }),
  )
  context.terminal.out(renderRows(context.output, producerColumns, rows))
}
