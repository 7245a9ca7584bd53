import type { ConsumerRecord } from '@rivven/client'
import { type SeenBytes, seenBytes } from '@rivven/protocol'

/** A record as it is shown: of the same form as in the JSON API. */
export interface PeekedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** In milliseconds since 1970; -1: it has none. */
  readonly timestamp: number
  readonly key: SeenBytes | null
  readonly value: SeenBytes | null
  readonly headers: readonly { readonly key: string; readonly value: SeenBytes | null }[]
  /** `aborted`: of a transaction that was; `open`: of one that is not over; `unknown`: nobody could say in time; null: it counts. */
  readonly mark: 'aborted' | 'open' | 'unknown' | null
}

export function peekedRecord(record: ConsumerRecord): PeekedRecord {
  const { topic, partition, offset, timestamp, key, value, headers } = record
  return {
    ...{ topic, partition, offset, timestamp, mark: null },
    key: key && seenBytes(key, 'key'),
    value: value && seenBytes(value, 'value'),
    headers: headers.map((header) => ({ key: header.key, value: header.value && seenBytes(header.value, 'value') })),
  }
}

/** Those of one partition in its order, of several by time. */
export function inOrder(records: readonly PeekedRecord[]): PeekedRecord[] {
  const isOfOne = records.every(({ partition }) => partition === records[0]?.partition)
  return [...records].sort((one, other) => {
    const byPlace = one.partition - other.partition || one.offset - other.offset
    return isOfOne ? byPlace : one.timestamp - other.timestamp || byPlace
  })
}
