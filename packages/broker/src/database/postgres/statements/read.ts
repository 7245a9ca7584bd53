import type { SegmentRow } from '../../log-tables.js'
import type { Connection } from '../connection/connection.js'
import { rowsOf } from '../copy-rows.js'
import { batchTable, isThere } from './batch-table.js'

/** Where batches are of such different sizes, or their sizes are not known, they are added up first. */
const UNEVEN = 4
const MOST_BATCHES = 100_000
/** Where nothing is known of the segment. */
const SOME_BATCHES = 1_000

export async function read(
  connection: Connection,
  { segmentId, chunk, size, batches, largest }: SegmentRow,
  { fromOffset, maxBytes }: { fromOffset: number; maxBytes: number },
  mostMs: number,
): Promise<Buffer[]> {
  const from = `from ${batchTable(chunk)} where seg_id = ${segmentId} and last_offset >= ${fromOffset}`
  const average = batches > 0 ? size / batches : 0
  const isEven = average > 0 && largest <= UNEVEN * average
  const fit = average > 0 ? Math.min(MOST_BATCHES, Math.max(1, Math.ceil(maxBytes / average))) : SOME_BATCHES
  const bound = isEven ? '' : `and last_offset <= ${lastThatFits(from, maxBytes, fit)}`
  const query = `select payload ${from} ${bound} and ${isThere(segmentId)} order by last_offset limit ${fit}`
  const bytes = await connection.copy(query, mostMs)
  return Array.from(rowsOf(bytes), ([payload]) => payload!)
}

/** By the sizes alone: payloads that went through a window would lie in temporary files. The first one always fits. */
function lastThatFits(from: string, maxBytes: number, fit: number): string {
  return `(select max(last_offset) from (
    select last_offset, sum(size) over (order by last_offset) as until, row_number() over (order by last_offset) as place
    from (select last_offset, size ${from} order by last_offset limit ${fit}) r) s
    where until <= ${maxBytes} or place = 1)`
}
