// Hot path: every append passes here.
import { UnavailableError, UnknownOutcomeError } from '../../database-error.js'
import type { Flush, FlushBatch, FlushPart } from '../../log-tables.js'
import type { Connection } from '../connection/connection.js'
import { sqlState } from '../connection/outcome.js'
import type { Piecewise } from '../connection/piecewise-query.js'
import { arrayText, piecesOf } from '../sql.js'
import { batchTable, isDropped } from './batch-table.js'
import { COLUMNS, recordOf, TYPED_COLUMNS } from './segment-rows.js'

export function appendOf({ chunk, parts }: Flush): Piecewise {
  const batches = parts.flatMap((part) => part.batches.map((batch) => ({ batch, partId: part.term.partId })))
  const bytes = batches.map(({ batch }) => batch.payload)
  const column = (of: (batch: FlushBatch) => number) => arrayText(batches.map(({ batch }) => of(batch)))
  return {
    name: `append ${chunk}`,
    text: textFor(chunk),
    values: [
      ...termsOf(parts),
      JSON.stringify(parts.flatMap(({ begun }) => begun.map(recordOf))),
      arrayText(batches.map(({ partId }) => partId)),
      column(({ segmentId }) => segmentId),
      column(({ lastOffset }) => lastOffset),
      column(({ baseOffset }) => baseOffset),
      column(({ maxTimestamp }) => maxTimestamp),
      ...piecesOf(bytes),
    ],
    bytes,
  }
}

export async function append(
  connection: Connection,
  { chunk }: Flush,
  statement: Piecewise,
): Promise<ReadonlySet<number> | 'repeated'> {
  try {
    const rows = await connection.piecewise(statement)
    mustBePromised(connection)
    return new Set(rows.map((row) => row.part_id as number))
  } catch (error) {
    if (sqlState(error) === '23505') return 'repeated'
    if (isDropped(error, chunk)) throw new UnavailableError(`There is no chunk ${chunk} any more.`)
    throw error
  }
}

export function termsOf(parts: readonly FlushPart[]): [string, string] {
  return [arrayText(parts.map(({ term }) => term.partId)), arrayText(parts.map(({ term }) => term.epoch))]
}

/**
 * Who ends the wait of a commit for its standbys (by hand, or with a server that shuts down) is told by a warning: it is committed
 * here alone. `stored` waits for them once more.
 */
function mustBePromised({ warnings: [warning] }: Connection): void {
  if (warning !== undefined) throw new UnknownOutcomeError(`PostgreSQL: ${warning}`)
}

/**
 * The row lock is what fences: `for share` waits for whoever raises the epoch, and then looks at it anew; `for key share` would not. No
 * row is changed, so that no other transaction, however long, makes it slower. Batches come as one value and are cut up there: an array
 * of them would travel as text of twice the size.
 */
function textFor(chunk: number): string {
  return `with v as (select * from unnest($1::int[], $2::int[]) v(part, epoch)),
    f as (select p.part_id from partition p join v on p.part_id = v.part and p.epoch = v.epoch order by p.part_id for share of p),
    s as (insert into segment (${COLUMNS}) select n.* from json_to_recordset($3::json) as n(${TYPED_COLUMNS})
      join f on f.part_id = n.part_id),
    b as (insert into ${batchTable(chunk)} (seg_id, last_offset, base_offset, max_ts, size, payload)
      select b.seg, b.last, b.base, b.ts, b.len, substring($11::bytea from b.at for b.len)
      from unnest($4::int[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::int[], $10::int[])
        b(part, seg, last, base, ts, at, len)
      join f on f.part_id = b.part)
    select part_id from f`
}
