import type { Admin, Consumer } from '@rivven/client'
import { holdsText } from '@rivven/protocol'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'
import { partitionsOf } from '../partitions.js'
import { type Asked, type Found, findRecords } from '../peek/find-records.js'
import { LookBudget } from '../peek/look-budget.js'
import { withMarks } from '../peek/marks.js'
import { peekedRecord } from '../peek/peeked-record.js'
import { type PeekOptions, placeToPeek } from '../peek/place-to-peek.js'
import { RangeReader } from '../peek/range-reader.js'
import { recordOutput, recordsOutput } from '../peek/record-output.js'
import { restText } from '../peek/rest-text.js'
import { flushedUnlessStopped } from '../terminal/stop.js'

/** Shows some records of a topic, to people or programs, and commits nothing. */
export async function peekTopic(context: CommandContext, topic: string, options: PeekOptions): Promise<void> {
  const { terminal, runtime, output } = context
  const wanted = placeToPeek(options, runtime.clock.now())
  const admin = await context.admin()
  const { partition, search = '', follow = false, showAborted = false } = options
  const numbers = await partitionsOf(admin, topic, partition === undefined ? undefined : [partition])
  if (wanted.place.kind === 'offset' && numbers.length > 1)
    throw new UsageError('An offset is one of a partition: say which with --partition.')
  const asked: Asked = {
    ...wanted,
    ...{ places: numbers.map((number) => ({ topic, partition: number })), search },
    isolationLevel: showAborted ? 'read_uncommitted' : 'read_committed',
  }
  const consumer = await readerOf(context, asked.isolationLevel)
  const budget = new LookBudget(runtime.clock)
  const found = await findRecords(admin, new RangeReader(consumer, budget), asked)
  const records = showAborted ? await marked(context, admin, found) : found.records
  terminal.out(recordsOutput(follow && output === 'json' ? 'ndjson' : output, records))
  terminal.words(follow ? '' : restText(asked, found, budget.spent))
  if (follow) await writeWhatComes(context, consumer, { search, bounds: found.bounds })
}

/** Reads for nobody: nothing is committed, and no group knows of it. */
function readerOf(context: CommandContext, isolationLevel: Asked['isolationLevel']): Promise<Consumer> {
  return context.consumer({
    isolationLevel,
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
    allowAutoCreate: false,
  })
}

async function marked(context: CommandContext, admin: Admin, { records, bounds }: Found) {
  const queries = bounds.map(({ topic, partition }) => ({ topic, partition, timestamp: 'latest' as const }))
  const stableEnds = await admin.listOffsets(queries, { isolationLevel: 'read_committed' })
  const consumer = await readerOf(context, 'read_committed')
  return withMarks(records, stableEnds, new RangeReader(consumer, new LookBudget(context.runtime.clock)))
}

/** So long a poll waits for records, in milliseconds. */
const pollMs = 1_000

/** Goes on until it is broken off. */
async function writeWhatComes(
  { terminal, runtime, output }: CommandContext,
  consumer: Consumer,
  { search, bounds }: { search: string; bounds: Found['bounds'] },
): Promise<never> {
  const places = bounds.map(({ topic, partition }) => ({ topic, partition }))
  await consumer.assign(places)
  for (const { topic, partition, to } of bounds) consumer.seek({ topic, partition, offset: to })
  consumer.resume(places)
  const isWanted = holdsText(search)
  for (;;) {
    for (const record of await consumer.poll(pollMs))
      if (isWanted(record)) terminal.out(recordOutput(output, peekedRecord(record)))
    await flushedUnlessStopped(terminal, runtime.clock)
  }
}
