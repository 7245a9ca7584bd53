import type { SegmentPlace } from '../../log-tables.js'
import type { Connection } from '../connection/connection.js'
import { batchTable, isThere } from './batch-table.js'

export async function firstOffsetAt(
  connection: Connection,
  { segmentId, chunk }: SegmentPlace,
  timestamp: number,
  mostMs: number,
): Promise<number | undefined> {
  const [row] = await connection.run(
    [
      `select base_offset as it from ${batchTable(chunk)}
      where seg_id = ${segmentId} and max_ts >= ${timestamp} and ${isThere(segmentId)} order by last_offset limit 1`,
    ],
    mostMs,
  )
  return row?.it as number | undefined
}
