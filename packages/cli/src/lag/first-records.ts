import type { CommandContext } from '../context.js'
import { partitionKey } from '../partition-key.js'
import type { LagRow } from './lag-row.js'

/** So long it is tried to read them, in milliseconds. */
const patienceMs = 5_000
const pollMs = 200

/**
 * Adds how long the first record that waits in each partition has been there, where no broker says so: by the timestamp of that record,
 * which is read. Behind nothing but transaction markers nothing is left to read.
 */
export async function withFirstRecords(context: CommandContext, rows: readonly LagRow[]): Promise<LagRow[]> {
  const behind = rows.filter(({ lag }) => lag !== null && lag > 0)
  const timestamps = behind.length === 0 ? new Map<string, number | null>() : await firstTimestamps(context, behind)
  const now = context.runtime.clock.now()
  return rows.map((row) => {
    if (row.lag === 0) return { ...row, waiting: false, lagSeconds: 0 }
    const timestamp = timestamps.get(partitionKey(row))
    if (timestamp === undefined) return row
    if (timestamp === null) return { ...row, waiting: false, lagSeconds: 0 }
    return { ...row, waiting: true, basis: 'timestamp', lagSeconds: Math.max(0, now - timestamp) / 1_000 }
  })
}

/** By place; null: there was nothing to read. Places that could not be read in time are missing. */
async function firstTimestamps(context: CommandContext, rows: readonly LagRow[]): Promise<Map<string, number | null>> {
  const { runtime, terminal } = context
  const consumer = await context.consumer({
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
    maxPartitionFetchBytes: 1,
  })
  await consumer.assign(rows.map(({ topic, partition }) => ({ topic, partition })))
  for (const { topic, partition, currentOffset } of rows)
    consumer.seek({ topic, partition, offset: currentOffset ?? 0 })
  const found = new Map<string, number | null>()
  const until = runtime.clock.monotonic() + patienceMs
  while (found.size < rows.length && !terminal.stop.aborted && runtime.clock.monotonic() < until) {
    for (const record of await consumer.poll(pollMs)) {
      const { topic, partition, timestamp } = record
      if (!found.has(partitionKey(record))) found.set(partitionKey(record), timestamp)
      consumer.pause([{ topic, partition }])
    }
    for (const row of rows) {
      if (found.has(partitionKey(row))) continue
      if ((await consumer.position(row)) >= (row.logEndOffset ?? 0)) found.set(partitionKey(row), null)
    }
  }
  return found
}
