import type { Consumer, ConsumerOptions, RebalanceInfo } from '@rivven/client'
import type { Clock } from '@rivven/runtime'
import { type Command, Option } from 'commander'
import { type Run, wholeNumber } from '../command-line.js'
import { addConsumerFlags, consumerOptionsIn } from '../consumer-flags.js'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'
import { type RecordWriter, recordTitles, recordWriter } from '../record-format.js'
import { unlessStopped } from '../stop.js'
import { WrittenOffsets } from './consume-commits.js'

export function addConsumeCommand(program: Command, run: Run): void {
  const command = program
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
  const consumer = await context.consumer(settingsOf(options))
  const intervalMs = options.group === undefined ? null : commitInterval(consumerOptionsIn(given))
  const offsets = new WrittenOffsets(consumer, context.runtime.clock, intervalMs, context.terminal.words)
  consumer.setRebalanceListener(rebalanceListener(context, offsets, options.verbose ?? false))
  await begin(context, consumer, topic, options)
  if (options.format === undefined) context.terminal.out(recordTitles(context.options.output))
  const write = recordWriter(context.options.output, options.format)
  const count = await readRecords(context, consumer, options, { write, offsets })
  context.terminal.words(`${count} records read.\n`)
}

/** Who has a group in a file or the environment may think that it is meant here, too. */
async function tellOfGroup(context: CommandContext): Promise<void> {
  const group = await context.groupOfApplication()
  if (group === undefined) return
  context.terminal.words(`Reading without a group; to share the records of group ${group} say --group ${group}.\n`)
}

function refuseContradictions(options: ConsumeOptions): void {
  const { group, partition, offset, fromBeginning, autoOffsetReset, groupInstanceId } = options
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
    ...(options.fromBeginning ? { autoOffsetReset: 'earliest' } : {}),
    enableAutoCommit: false,
  }
}

/** Pause between two commits in milliseconds; 0: none, null: there are no commits. */
function commitInterval({ enableAutoCommit, autoCommitIntervalMs = 5000 }: Partial<ConsumerOptions>): number | null {
  if (enableAutoCommit === undefined) return 0
  return enableAutoCommit ? autoCommitIntervalMs : null
}

type Places = readonly { topic: string; partition: number }[]

function rebalanceListener(context: CommandContext, offsets: WrittenOffsets, isVerbose: boolean) {
  const tell = (what: string, places: Places, { generation, protocol, cause }: RebalanceInfo) => {
    if (!isVerbose) return
    const names = places.map(({ topic, partition }) => `${topic}/${partition}`).join(', ') || 'nothing'
    context.terminal.words(`${what} ${names} (generation ${generation}, ${protocol}): ${cause}\n`)
  }
  return {
    onPartitionsAssigned: (places: Places, info: RebalanceInfo) => tell('Assigned', places, info),
    onPartitionsRevoked: async (places: Places, info: RebalanceInfo) => {
      tell('Revoked', places, info)
      await offsets.commit()
    },
    onPartitionsLost: (places: Places, info: RebalanceInfo) => {
      tell('Lost', places, info)
      offsets.forget(places)
    },
  }
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

/** How long a reader that stands still may take for what was written, in milliseconds, once the user asks to stop. */
const readerGraceMs = 500

/** Records are written, then committed: whoever ends this in between, or has no room for more, sees some of them again. */
async function readRecords(
  context: CommandContext,
  consumer: Consumer,
  options: ConsumeOptions,
  { write, offsets }: { write: RecordWriter; offsets: WrittenOffsets },
): Promise<number> {
  const { terminal, runtime } = context
  const { clock } = runtime
  let count = 0
  let lastAt = clock.monotonic()
  while (!terminal.stop.aborted) {
    const records = await consumer.poll(200)
    const wanted = records.slice(0, (options.maxMessages ?? Number.POSITIVE_INFINITY) - count)
    for (const record of wanted) terminal.out(write(record))
    if (wanted.length > 0)
      await unlessStopped(terminal.stop, terminal.flushed(), () => timePasses(clock, readerGraceMs))
    for (const record of wanted) offsets.wrote(record)
    count += wanted.length
    if (records.length > 0) lastAt = clock.monotonic()
    await offsets.commitIfDue()
    if (options.maxMessages !== undefined && count >= options.maxMessages) break
    if (options.timeout !== undefined && clock.monotonic() - lastAt >= options.timeout) break
  }
  await offsets.commit()
  return count
}

function timePasses(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(milliseconds, resolve))
}
