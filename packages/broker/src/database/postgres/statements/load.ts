import type { Term } from '../../database.js'
import type { LoadedPartition, SegmentRow } from '../../log-tables.js'
import type { Connection } from '../connection/connection.js'
import { bigintOf, intOf, rowsOf } from '../copy-rows.js'
import { ints } from '../sql.js'
import { COLUMNS, segmentRow } from './segment-rows.js'

/** One statement, and so one moment. Checkpoints may be large. */
export async function load(connection: Connection, terms: readonly Term[], mostMs: number): Promise<LoadedPartition[]> {
  const asked = `unnest(${ints(terms.map(({ partId }) => partId))}, ${ints(terms.map(({ epoch }) => epoch))})`
  const bytes = await connection.copy(
    `select p.part_id, p.epoch, c.start_offset, c.at_offset, c.state,
      (select json_agg(s order by s.base_offset, s.seg_id) from (select ${COLUMNS} from segment where part_id = p.part_id) s)::text
    from ${asked} with ordinality v(part, epoch, place)
    join partition p on p.part_id = v.part and p.epoch = v.epoch
    left join checkpoint c on c.part_id = p.part_id
    order by v.place`,
    mostMs,
  )
  return Array.from(rowsOf(bytes), loadedPartition)
}

function loadedPartition(fields: readonly (Buffer | null)[]): LoadedPartition {
  const [partId, epoch, startOffset, offset, state, segments] = fields
  return {
    partId: intOf(partId),
    epoch: intOf(epoch),
    checkpoint: state ? { startOffset: bigintOf(startOffset), offset: bigintOf(offset), state } : undefined,
    segments: segments ? segmentsOf(segments) : [],
  }
}

function segmentsOf(text: Buffer): SegmentRow[] {
  return (JSON.parse(text.toString()) as Parameters<typeof segmentRow>[0][]).map(segmentRow)
}
