import type { RecordHeader } from './read-records.js'

/** What of a record is searched. */
export interface SearchedRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
}

/** Whether a text is in a record's key, value or headers, as bytes of UTF-8; the empty one is in all. */
export function holdsText(text: string): (record: SearchedRecord) => boolean {
  if (text === '') return () => true
  const bytes = Buffer.from(text)
  return ({ key, value, headers }) =>
    key?.includes(bytes) === true ||
    value?.includes(bytes) === true ||
    headers.some((header) => header.key.includes(text) || header.value?.includes(bytes) === true)
}
