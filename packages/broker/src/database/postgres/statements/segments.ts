import type { Term } from '../../database.js'
import type { NewBatch, SegmentPlace, SegmentRow } from '../../log-tables.js'
import type { Connection, Prepared } from '../connection/connection.js'
import { arrayText, bigints, json, piecesOf } from '../sql.js'
import { batchTable } from './batch-table.js'
import { COLUMNS, NEW_FACTS, recordOf, TYPED_COLUMNS } from './segment-rows.js'

/** As it was when it was asked for. */
export function writeSegmentOf({ segmentId, chunk }: SegmentPlace, batches: readonly NewBatch[]): Prepared {
  const column = (of: (batch: NewBatch) => number) => arrayText(batches.map(of))
  return {
    name: `write ${chunk}`,
    text: writeText(chunk),
    values: [
      segmentId,
      column(({ lastOffset }) => lastOffset),
      column(({ baseOffset }) => baseOffset),
      column(({ maxTimestamp }) => maxTimestamp),
      ...piecesOf(batches.map(({ payload }) => payload)),
      Buffer.concat(batches.map(({ payload }) => payload)),
    ],
  }
}

/** One that was brought in already is not to die. */
function writeText(chunk: number): string {
  return `with free as (select 1 where not exists (select 1 from segment where seg_id = $1::bigint)),
    dead as (insert into dead_segment select $1, ${chunk}, clock_timestamp() + interval '1 hour' from free on conflict do nothing)
    insert into ${batchTable(chunk)} (seg_id, last_offset, base_offset, max_ts, size, payload)
    select $1, b.last, b.base, b.ts, b.len, substring($7::bytea from b.at for b.len)
    from free, unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::int[]) b(last, base, ts, at, len)
    on conflict do nothing`
}

export async function swapSegments(
  connection: Connection,
  { partId, epoch }: Term,
  gone: readonly number[],
  added: readonly SegmentRow[],
  mostMs: number,
): Promise<boolean> {
  const ids = bigints(added.map(({ segmentId }) => segmentId))
  const statement = `with n as materialized (select * from json_to_recordset(${json(added.map(recordOf))}) as n(${TYPED_COLUMNS})),
    written as (select seg_id from n where exists (select 1 from segment s where s.seg_id = n.seg_id)
      or exists (select 1 from dead_segment d where d.seg_id = n.seg_id)),
    f as (select part_id from partition where part_id = ${partId} and epoch = ${epoch}
      and (select count(*) from written) = ${added.length} for share),
    taken as (delete from segment s using f where s.seg_id = any(${bigints(gone)}) returning s.seg_id, s.chunk),
    dead as (insert into dead_segment select seg_id, chunk, clock_timestamp() from taken on conflict do nothing),
    alive as (delete from dead_segment d using f where d.seg_id = any(${ids})),
    came as (insert into segment as s (${COLUMNS}) select n.* from n, f
      on conflict (seg_id) do update set ${NEW_FACTS.replaceAll('n.', 'excluded.')})
    select part_id from f`
  // What is being swept just now is gone.
  const fence = `select 1 from dead_segment where seg_id = any(${ids}) for update`
  return (await connection.run([fence, statement], mostMs)).length > 0
}
