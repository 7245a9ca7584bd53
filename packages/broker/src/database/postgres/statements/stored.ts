import type { Flush, FlushPart } from '../../log-tables.js'
import type { Connection } from '../connection/connection.js'
import { arrayText } from '../sql.js'
import { termsOf } from './append.js'
import { batchTable, unlessDropped } from './batch-table.js'

/**
 * A flush is stored as a whole: one row tells. Taking the lock makes this a transaction that is written, so that its commit waits for
 * standbys as that of the append did, or did not: it comes later, and is promised only with it.
 */
export async function stored(
  connection: Connection,
  { chunk, parts }: Flush,
  mostMs: number,
): Promise<ReadonlySet<number>> {
  const firsts = parts.map(firstOf)
  const statement = {
    name: `stored ${chunk}`,
    text: textFor(chunk),
    values: [
      ...termsOf(parts),
      arrayText(firsts.map(({ segmentId }) => segmentId)),
      arrayText(firsts.map(({ lastOffset }) => lastOffset)),
    ],
  }
  const rows = await unlessDropped(chunk, connection.prepared(statement, mostMs), [])
  return new Set(rows.map((row) => row.part_id as number))
}

/** Without batches it is about the segment that begins. */
function firstOf({ batches: [batch], begun: [segment] }: FlushPart): { segmentId: number; lastOffset: number | null } {
  return batch ?? { segmentId: segment?.segmentId ?? -1, lastOffset: null }
}

function textFor(chunk: number): string {
  return `select p.part_id from partition p
    join unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[]) v(part, epoch, seg, last) on p.part_id = v.part and p.epoch = v.epoch
    where case when v.last is null then exists (select 1 from segment where seg_id = v.seg)
      else exists (select 1 from ${batchTable(chunk)} b where b.seg_id = v.seg and b.last_offset = v.last) end
    order by p.part_id for share of p`
}
