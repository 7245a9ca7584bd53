import { type BatchHead, HEAD_BYTES } from '../../log-tables.js'
import type { Connection } from '../connection/connection.js'
import { bigintOf, intOf, rowsOf } from '../copy-rows.js'
import { batchTable, isThere } from './batch-table.js'

/** What of a segment is asked for. */
export interface HeadsQuestion {
  readonly segmentId: number
  readonly fromOffset: number
}

export interface HeadsFound {
  readonly heads: readonly BatchHead[]
  /** There are no more. */
  readonly isAll: boolean
}

/** With one statement. */
export const MOST_QUESTIONS = 100
/** Of all of them together: some 2 MiB. */
const HEADS_AT_ONCE = 5_000
const CALL_MS = 5_000

/** The next ones of some segments of a chunk. Of a batch that lies apart from its row only the first part is read. */
export async function heads(
  connection: Connection,
  chunk: number,
  questions: readonly HeadsQuestion[],
): Promise<HeadsFound[]> {
  const limit = Math.ceil(HEADS_AT_ONCE / questions.length)
  const asked = questions.map(({ segmentId, fromOffset }, at) => `(${at}, ${segmentId}::bigint, ${fromOffset}::bigint)`)
  const bytes = await connection.copy(
    `select q.at, b.last_offset, b.size, b.head from (values ${asked.join(', ')}) q(at, seg, start) cross join lateral
    (select last_offset, size, substring(payload from 1 for ${HEAD_BYTES}) as head from ${batchTable(chunk)}
      where seg_id = q.seg and last_offset >= q.start order by last_offset limit ${limit}) b
    where ${isThere('q.seg')} order by q.at, b.last_offset`,
    CALL_MS,
  )
  const found = questions.map((): BatchHead[] => [])
  for (const [at, lastOffset, size, head] of rowsOf(bytes))
    found[intOf(at)]!.push({ lastOffset: bigintOf(lastOffset), size: intOf(size), head: head! })
  return found.map((some) => ({ heads: some, isAll: some.length < limit }))
}
