import type { Consumer } from '@rivven/client'
import { type Command, Option } from 'commander'
import { type Run, wholeNumber } from '../command-line.js'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'
import { recordTitles, recordWriter } from '../record-format.js'

export function addConsumeCommand(program: Command, run: Run): void {
  program
    .command('consume')
    .argument('<topic>')
    .option('-g, --group <group>', 'as a member of this group: it shares the partitions and remembers where it was')
    .option('--from-beginning', 'begin with the first record where no offset is committed')
    .option('--partition <number...>', 'these partitions only', (word: string, all: number[] = []) => [
      ...all,
      wholeNumber(word),
    ])
    .option('--offset <offset>', 'begin at this offset', wholeNumber)
    .option('-n, --max-messages <count>', 'end after so many records', wholeNumber)
    .option('--timeout <ms>', 'end when nothing has come for so long', wholeNumber)
    .option('--format <template>', '%t topic %p partition %o offset %T time %k key %v value %h headers, \\n, \\t')
    .addOption(
      new Option('--isolation <level>', 'what is read of transactions').choices(['read_uncommitted', 'read_committed']),
    )
    .description('read records')
    .action(run(consume))
}

interface ConsumeOptions {
  group?: string
  fromBeginning?: boolean
  partition?: number[]
  offset?: number
  maxMessages?: number
  timeout?: number
  format?: string
  isolation?: 'read_uncommitted' | 'read_committed'
}

async function consume(context: CommandContext, topic: string, options: ConsumeOptions): Promise<void> {
  if (options.group !== undefined && (options.partition || options.offset !== undefined)) {
    throw new UsageError(
      '--group gets its partitions and offsets from the group: leave out --partition and --offset, or --group.',
    )
  }
  const isManual = options.partition !== undefined || options.offset !== undefined
  const group = options.group ?? (isManual ? undefined : await context.groupId())
  const consumer = await context.consumer({
    ...(group === undefined ? { groupId: undefined, groupInstanceId: undefined } : { groupId: group }),
    ...(options.isolation ? { isolationLevel: options.isolation } : {}),
    ...(options.fromBeginning ? { autoOffsetReset: 'earliest' } : {}),
    enableAutoCommit: false,
  })
  await begin(context, consumer, topic, { ...options, group })
  if (options.format === undefined) context.terminal.out(recordTitles(context.options.output))
  const write = recordWriter(context.options.output, options.format)
  const count = await readRecords(context, consumer, { ...options, group }, write)
  context.terminal.words(`${count} records read.\n`)
}

async function begin(
  context: CommandContext,
  consumer: Consumer,
  topic: string,
  options: ConsumeOptions,
): Promise<void> {
  if (options.group !== undefined) return consumer.subscribe([topic])
  const partitions = options.partition ?? (await partitionsOf(context, topic))
  await consumer.assign(partitions.map((partition) => ({ topic, partition })))
  if (options.offset === undefined) return
  for (const partition of partitions) await consumer.seek({ topic, partition, offset: options.offset })
}

async function partitionsOf(context: CommandContext, topic: string): Promise<number[]> {
  const admin = await context.admin()
  const [found] = await admin.describeTopics([topic])
  return found!.partitions.map(({ partition }) => partition)
}

/** Records are written, then committed: whoever ends this in between sees some of them again. */
async function readRecords(
  context: CommandContext,
  consumer: Consumer,
  options: ConsumeOptions,
  write: ReturnType<typeof recordWriter>,
): Promise<number> {
  const { clock } = context.runtime
  let count = 0
  let lastAt = clock.monotonic()
  while (!context.terminal.stop.aborted) {
    const records = await consumer.poll(200)
    const wanted = Math.min(records.length, (options.maxMessages ?? Number.POSITIVE_INFINITY) - count)
    for (let at = 0; at < wanted; at++) context.terminal.out(write(records[at]!))
    count += wanted
    if (records.length > 0) lastAt = clock.monotonic()
    if (options.group !== undefined && wanted > 0) await commitRead(consumer, records, wanted)
    if (options.maxMessages !== undefined && count >= options.maxMessages) break
    if (options.timeout !== undefined && clock.monotonic() - lastAt >= options.timeout) break
  }
  return count
}

/** Commits just behind what was written, which may be less than what was polled. */
async function commitRead(
  consumer: Consumer,
  records: Awaited<ReturnType<Consumer['poll']>>,
  wanted: number,
): Promise<void> {
  const positions = new Map<string, { topic: string; partition: number; offset: number }>()
  for (let at = 0; at < wanted; at++) {
    const { topic, partition, offset } = records[at]!
    positions.set(`${topic} ${partition}`, { topic, partition, offset: offset + 1 })
  }
  await consumer.commitOffsets([...positions.values()])
}
