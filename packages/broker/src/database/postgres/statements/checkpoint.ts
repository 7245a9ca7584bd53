import type { Term } from '../../database.js'
import type { NewCheckpoint } from '../../log-tables.js'
import type { Connection } from '../connection/connection.js'
import { NEW_FACTS, recordOf, TYPED_COLUMNS } from './segment-rows.js'

export async function checkpoint(
  connection: Connection,
  { partId, epoch }: Term,
  { startOffset, offset, state, segments }: NewCheckpoint,
  mostMs: number,
): Promise<boolean> {
  const facts = JSON.stringify(segments.map(recordOf))
  const values = [partId, epoch, startOffset, offset, state, facts]
  const rows = await connection.prepared({ name: 'checkpoint', text: TEXT, values }, mostMs)
  return rows.length > 0
}

const TEXT = `with f as (select part_id from partition where part_id = $1 and epoch = $2 for share),
  c as (insert into checkpoint (part_id, start_offset, at_offset, state) select part_id, $3, $4, $5 from f
    on conflict (part_id) do update set start_offset = excluded.start_offset, at_offset = excluded.at_offset, state = excluded.state),
  s as (update segment s set ${NEW_FACTS} from f, json_to_recordset($6::json) as n(${TYPED_COLUMNS})
    where s.seg_id = n.seg_id and s.part_id = f.part_id)
  select part_id from f`
