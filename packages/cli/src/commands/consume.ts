import type { Consumer, ConsumerOptions } from '@rivven/client'
import { type Command, Option } from 'commander'
import { count, positive, type Run, repeatedCount } from '../command-line.js'
import { readRecords } from '../consume/reading.js'
import { withWayOn } from '../consume/reading-failed.js'
import { rebalanceListener } from '../consume/rebalance-words.js'
import { recordTitles, recordWriter } from '../consume/record-format.js'
import { WrittenOffsets } from '../consume/written-offsets.js'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'
import { partitionsOf } from '../partitions.js'
import { addConsumerFlags, consumerOptionsIn } from '../settings/consumer-flags.js'
import { unlessStopped } from '../terminal/stop.js'
import { counted } from '../text/words.js'

export function addConsumeCommand(program: Command, run: Run): void {
  const command = program
    .command('consume')
    .argument('<topic>')
    .option('-g, --group <group>', 'as a member of this group: it shares the partitions and remembers where it was')
    .option('--from-beginning', 'begin with the first record where no offset is committed')
    .option('--partition <number...>', 'these partitions only', repeatedCount)
    .option('--offset <offset>', 'begin at this offset', count)
    .option('-n, --max-messages <count>', 'end after so many records', positive)
    .option('--timeout <ms>', 'end when nothing has come for so long and all there is was read', count)
    .option('--format <template>', '%t topic %p partition %o offset %T time %k key %v value %h headers, \\n, \\t')
    .addOption(
      new Option('--isolation <level>', 'what is read of transactions').choices(['read_uncommitted', 'read_committed']),
    )
    .option('-v, --verbose', 'tell of rebalances: which partitions come and go, and why')
    .description('read records')
  addConsumerFlags(command).action(run(consume, { endsItself: true }))
}

interface ConsumeOptions extends Partial<ConsumerOptions> {
  group?: string
  fromBeginning?: boolean
  partition?: number[]
  offset?: number
  maxMessages?: number
  timeout?: number
  format?: string
  isolation?: 'read_uncommitted' | 'read_committed'
  verbose?: boolean
}

async function consume(context: CommandContext, topic: string, given: ConsumeOptions): Promise<void> {
  const options = { ...given, group: given.group ?? given.groupId }
  refuseContradictions(options)
  if (options.group === undefined) await tellOfGroup(context)
  const partitions = await partitionsToRead(context, topic, options)
  const consumer = await context.consumer(settingsOf(options))
  const intervalMs = options.group === undefined ? null : commitInterval(consumerOptionsIn(given))
  const offsets = new WrittenOffsets(consumer, context.runtime.clock, intervalMs, context.terminal.words)
  consumer.setRebalanceListener(rebalanceListener(context, offsets, options.verbose ?? false))
  await begin(consumer, topic, partitions, options)
  if (options.format === undefined) context.terminal.out(recordTitles(context.options.output))
  const write = recordWriter(context.options.output, options.format)
  const { maxMessages = Number.POSITIVE_INFINITY, timeout: timeoutMs = Number.POSITIVE_INFINITY } = options
  try {
    const mayEndInGap = () => isCompacted(context, topic)
    const read = await readRecords(context, { consumer, write, offsets, mayEndInGap, maxMessages, timeoutMs })
    context.terminal.words(`${counted(read, 'record')} read.\n`)
  } catch (error) {
    throw withWayOn(error, options.group)
  }
}

/** Who has a group in a file or the environment may think that it is meant here, too. */
async function tellOfGroup(context: CommandContext): Promise<void> {
  const group = await context.groupOfApplication()
  if (group === undefined) return
  context.terminal.words(`Reading without a group; to share the records of group ${group} say --group ${group}.\n`)
}

function refuseContradictions(options: ConsumeOptions): void {
  const { group, groupId = group, partition, offset, fromBeginning, autoOffsetReset, groupInstanceId } = options
  if (group !== groupId) throw new UsageError('--group and --group-id name two groups: leave one out.')
  if (group === undefined && groupInstanceId !== undefined)
    throw new UsageError('--group-instance-id names a member of a group: say which with --group.')
  if (group !== undefined && (partition || offset !== undefined)) {
    throw new UsageError(
      '--group gets its partitions and offsets from the group: leave out --partition and --offset, or --group.',
    )
  }
  if (fromBeginning && autoOffsetReset !== undefined && autoOffsetReset !== 'earliest')
    throw new UsageError(`--from-beginning is --auto-offset-reset earliest, not ${autoOffsetReset}: leave one out.`)
}

/** What the flags say; commits are made here, behind what was written. */
function settingsOf(options: ConsumeOptions): Partial<ConsumerOptions> {
  return {
    ...consumerOptionsIn(options),
    ...(options.group === undefined ? {} : { groupId: options.group }),
    ...(options.isolation ? { isolationLevel: options.isolation } : {}),
    ...resetOf(options),
    allowAutoCreate: options.allowAutoCreate ?? false,
    enableAutoCommit: false,
  }
}

/** Who names an offset means it: where it does not exist that is an error, and no reason to begin elsewhere. */
function resetOf({ fromBeginning, offset, autoOffsetReset }: ConsumeOptions): Partial<ConsumerOptions> {
  if (fromBeginning) return { autoOffsetReset: 'earliest' }
  return offset !== undefined && autoOffsetReset === undefined ? { autoOffsetReset: 'none' } : {}
}

/** Pause between two commits in milliseconds; 0: none, null: there are no commits. */
function commitInterval({ enableAutoCommit, autoCommitIntervalMs = 5000 }: Partial<ConsumerOptions>): number | null {
  if (enableAutoCommit === undefined) return 0
  return enableAutoCommit ? autoCommitIntervalMs : null
}

/** A mistyped topic or partition is told, and not made or waited for. */
async function partitionsToRead(context: CommandContext, topic: string, options: ConsumeOptions): Promise<number[]> {
  if (options.group !== undefined && options.allowAutoCreate) return []
  return unlessStopped(context.terminal.stop, partitionsOf(await context.admin(), topic, options.partition))
}

async function isCompacted(context: CommandContext, name: string): Promise<boolean> {
  const admin = await context.admin()
  const [described] = await admin.describeConfigs([{ type: 'topic', name, keys: ['cleanup.policy'] }])
  return described!.configs.some(({ value }) => value?.includes('compact') ?? false)
}

async function begin(
  consumer: Consumer,
  topic: string,
  partitions: readonly number[],
  { group, offset }: ConsumeOptions,
): Promise<void> {
  if (group !== undefined) return consumer.subscribe([topic])
  await consumer.assign(partitions.map((partition) => ({ topic, partition })))
  if (offset === undefined) return
  for (const partition of partitions) consumer.seek({ topic, partition, offset })
}
