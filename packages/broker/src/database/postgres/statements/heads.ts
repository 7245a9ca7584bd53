import { type BatchHead, HEAD_BYTES, type SegmentPlace } from '../../log-tables.js'
import type { Connection } from '../connection/connection.js'
import { bigintOf, intOf, rowsOf } from '../copy-rows.js'
import { batchTable, isThere } from './batch-table.js'

/** At most so many with one call. */
export const HEADS_AT_ONCE = 5_000

/** The next ones from an offset on. Of a batch that lies apart from its row only the first part is read. */
export async function heads(
  connection: Connection,
  { segmentId, chunk }: SegmentPlace,
  fromOffset: number,
  mostMs: number,
): Promise<BatchHead[]> {
  const bytes = await connection.copy(
    `select last_offset, size, substring(payload from 1 for ${HEAD_BYTES}) from ${batchTable(chunk)}
    where seg_id = ${segmentId} and last_offset >= ${fromOffset} and ${isThere(segmentId)}
    order by last_offset limit ${HEADS_AT_ONCE}`,
    mostMs,
  )
  return Array.from(rowsOf(bytes), ([lastOffset, size, head]) => {
    return { lastOffset: bigintOf(lastOffset), size: intOf(size), head: head! }
  })
}
