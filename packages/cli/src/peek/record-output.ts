import { stringify } from 'yaml'
import { type Column, type OutputFormat, type Row, renderRows, renderValue } from '../text/output.js'
import type { PeekedRecord } from './peeked-record.js'
import { recordText } from './record-text.js'

const columns: readonly Column[] = ['topic', 'partition', 'offset', 'timestamp', 'key', 'value', 'mark'].map(
  (field) => ({
    field,
    title: field,
  }),
)

/** All that was found. */
export function recordsOutput(format: OutputFormat, records: readonly PeekedRecord[]): string {
  if (format === 'json' || format === 'yaml') return renderValue(format, records)
  if (format === 'csv') return renderRows(format, columns, records.map(rowOf))
  return records.map((record) => recordOutput(format, record)).join('')
}

/** One, of those that come for as long as it is looked. */
export function recordOutput(format: OutputFormat, record: PeekedRecord): string {
  switch (format) {
    case 'json':
    case 'ndjson':
      return `${JSON.stringify(record)}\n`
    case 'yaml':
      return `---\n${stringify(record)}`
    case 'csv':
      return renderRows(format, columns, [rowOf(record)]).replace(/^.*\n/, '')
    default:
      return recordText(record)
  }
}

function rowOf({ key, value, headers: _, ...place }: PeekedRecord): Row {
  return { ...place, key: key && (key.text ?? key.base64), value: value && (value.text ?? value.base64) }
}
