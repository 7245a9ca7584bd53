/** Text is written as UTF-8; null is written as null (for a value: a tombstone). */
export type Bytes = Uint8Array | string | null

/** Keys may repeat and keep their order when given as a list: of pairs, or as records that were read have them. */
export type Headers = Readonly<Record<string, Bytes>> | readonly Header[]

export type Header = readonly [string, Bytes] | { readonly key: string; readonly value: Bytes }

/** A record to be produced. */
export interface ProducerRecord {
  topic: string
  /** Records with the same key go to the same partition. Default null: the producer spreads them. */
  key?: Bytes
  value: Bytes
  headers?: Headers
  /** Sends to this partition, whatever the key. */
  partition?: number
  /** Milliseconds since 1970. Default: now. */
  timestamp?: number
}

/** Where a record ended up. */
export interface RecordMetadata {
  topic: string
  partition: number
  /** -1 when the broker did not tell: with acks 0, or when it only said that it has the record already. */
  offset: number
  /** Milliseconds since 1970: the record's own, or the broker's where the topic has LogAppendTime. */
  timestamp: number
}

/** Consecutive records of one `sendMany` that ended up together: `offset`, `offset + 1`, … `offset + count - 1`. */
export interface AppendedRange {
  topic: string
  partition: number
  /** Of the first one; -1 when the broker did not tell. */
  offset: number
  count: number
}

export function toBuffer(bytes: Bytes | undefined): Buffer | null {
  if (typeof bytes === 'string') return Buffer.from(bytes)
  if (bytes === null || bytes === undefined) return null
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function toHeaders(headers: Headers | undefined): { key: string; value: Buffer | null }[] | undefined {
  if (headers === undefined) return undefined
  const list: readonly Header[] = isList(headers) ? headers : Object.entries(headers)
  return list.map((header) => {
    const [key, value] = 'key' in header ? [header.key, header.value] : header
    return { key, value: toBuffer(value) }
  })
}

function isList(headers: Headers): headers is readonly Header[] {
  return Array.isArray(headers)
}
