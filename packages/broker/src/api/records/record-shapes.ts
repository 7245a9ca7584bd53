import { type LazyRecord, seenBytes } from '@rivven/protocol'
import { list, nullable, number, one, shape, type Told, text, word } from '../shape.js'
import { toldValue } from './told-value.js'

const header = shape('RecordHeader', {
  key: text('Its name.'),
  value: nullable(one(toldValue, 'What it holds.')),
})

const recordRow = shape('RecordRow', {
  partition: number('Index of the partition.'),
  offset: number('Where it lies.'),
  timestamp: number('Of its producer, or of the append; -1: none.'),
  key: nullable(one(toldValue, 'Null: it has none.')),
  value: nullable(one(toldValue, 'Null: a tombstone.')),
  headers: list(one(header, 'In the order in which they were written.')),
  mark: nullable(
    word(['aborted', 'control'], '`aborted`: of a transaction that was; `control`: a marker that ends one; else null.'),
  ),
})
export type RecordRow = Told<typeof recordRow>

export const recordPage = shape('RecordPage', {
  records: list(one(recordRow, 'By partition and offset; of several partitions by time.')),
  next: nullable(text('`from` of what follows; null: all was read.')),
  scanned: number('Records that were looked at.'),
  stopped: word(
    ['end', 'limit', 'bytes', 'records', 'time'],
    'Why it ends here: all was read, `limit` is reached, or as many bytes, records or seconds as one call may take.',
  ),
  unreadable: number('Batches that are damaged, or too large when decompressed.'),
  missing: list(number('Brokers of the cluster that did not answer.')),
})
export type RecordPage = Told<typeof recordPage>
export type Stopped = RecordPage['stopped']

export function rowOf(partition: number, record: LazyRecord, mark: RecordRow['mark']): RecordRow {
  const { offset, timestamp, key, value, headers } = record
  return {
    ...{ partition, offset, timestamp, mark },
    key: key && seenBytes(key, 'key'),
    value: value && seenBytes(value, 'value'),
    headers: headers.map((one) => ({ key: one.key, value: one.value && seenBytes(one.value, 'value') })),
  }
}
