// Hot path: every record is looked at before it is taken: 15 ns, 38 with a header and a timestamp, where writing it into its
// batch costs 160 to 490 (bench/micro/record-check.mjs). The table is only asked what is wrong once something is.
import { types } from 'node:util'
import { checks, type FieldChecks, type Misfit, type OtherNames } from '@rivven/config'
import { invalid, mustFit } from '../options.js'
import type { Bytes, Headers, ProducerRecord } from './record.js'

const { fitting, object, optional, orNull, text, whole } = checks

/** Refuses, with what to write instead, a record that would be stored as something else than it seems. */
export function checkRecord(record: ProducerRecord): void {
  if (!isRecord(record)) mustFit(recordCheck, record, 'record')
}

/** All records before the first is sent: one that is bad fails the call, and nothing of it leaves. */
export function checkRecords(records: readonly ProducerRecord[]): void {
  if (!Array.isArray(records)) {
    const text = `sendMany takes a list of records, not ${checks.shown(records)}.`
    throw invalid(text, 'Write sendMany([{ topic, key, value }, …]).')
  }
  for (let at = 0; at < records.length; at++) {
    if (!isRecord(records[at])) mustFit(recordCheck, records[at], `records[${at}]`)
  }
}

/** Whether it is a record without doubt; what is wrong with another one, the table below says. */
function isRecord(record: unknown): boolean {
  if (typeof record !== 'object' || record === null) return false
  for (const field in record) if (!isField(field)) return false
  const { topic, key, value, headers, partition, timestamp } = record as ProducerRecord
  return (
    typeof topic === 'string' &&
    topic !== '' &&
    isBytes(value) &&
    (key === undefined || isBytes(key)) &&
    (timestamp === undefined || isTimestamp(timestamp)) &&
    (partition === undefined || isPartition(partition)) &&
    (headers === undefined || isHeaders(headers))
  )
}

function isField(name: string): boolean {
  switch (name) {
    case 'topic':
    case 'key':
    case 'value':
    case 'headers':
    case 'partition':
    case 'timestamp':
      return true
    default:
      return false
  }
}

/** `instanceof` knows only the Uint8Array of its own realm: in Jest there are several. */
function isBytes(value: unknown): value is Bytes {
  return typeof value === 'string' || value === null || value instanceof Uint8Array || types.isUint8Array(value)
}

function isTimestamp(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isPartition(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31
}

function isHeaders(headers: unknown): headers is Headers {
  if (typeof headers !== 'object' || headers === null) return false
  if (Array.isArray(headers)) return headers.every(isHeader)
  for (const name in headers) if (!isBytes((headers as Record<string, unknown>)[name])) return false
  return !(Symbol.iterator in headers)
}

function isHeader(header: unknown): boolean {
  if (typeof header !== 'object' || header === null) return false
  if (Array.isArray(header)) return header.length === 2 && typeof header[0] === 'string' && isBytes(header[1])
  const { key, value } = header as { key?: unknown; value?: unknown }
  return typeof key === 'string' && isBytes(value)
}

const tombstone = 'Only null is a tombstone.'
const bytes = fitting('text or a Uint8Array', isBytes)

const noHeaders = fitting(
  'an object, or a list of pairs, of text and Uint8Arrays',
  () => false,
  "Write { name: 'value' }, or [['name', 'a'], ['name', 'b']] for a name that repeats.",
)

const headerValue = fitting(
  'text, a Uint8Array or null',
  isBytes,
  "Write String(value), leave the header out, or write [['name', 'a'], ['name', 'b']] for a name that repeats.",
)

/** Which header of an object has a value that is none. */
function badHeader(headers: unknown, name: string): Misfit | undefined {
  if (typeof headers !== 'object' || headers === null || Symbol.iterator in headers) return undefined
  for (const [header, value] of Object.entries(headers)) {
    if (!isBytes(value)) return headerValue(value, `${name}.${header}`)
  }
  return undefined
}

const fields: FieldChecks<ProducerRecord> = {
  topic: text,
  key: optional(orNull(fitting('text, a Uint8Array or null', isBytes, 'Write String(key), or leave it out for none.'))),
  value: (value, name) => {
    const misfit = bytes(value, name)
    return (
      misfit && { ...misfit, hint: value === undefined ? tombstone : 'Write String(value) or JSON.stringify(value).' }
    )
  },
  headers: optional((value, name) =>
    isHeaders(value) ? undefined : (badHeader(value, name) ?? noHeaders(value, name)),
  ),
  partition: optional(whole(0)),
  timestamp: optional(
    fitting(
      'a whole number of milliseconds since 1970',
      isTimestamp,
      'Write date.getTime() for a Date, or leave it out for the present time.',
    ),
  ),
}

/** What kafkajs puts into one call, and what a record that was read has and one to be sent has not. */
const otherNames: OtherNames = {
  messages: 'Write send({ topic, key, value }) for one record, sendMany([{ topic, key, value }, …]) for several.',
  acks: 'It is an option of the Producer.',
  compression: 'It is an option of the Producer.',
  timeout: 'It is an option of the Producer: deliveryTimeoutMs.',
  offset: 'Of a record that was read, copy key, value, headers and, if you like, timestamp.',
  leaderEpoch: 'Of a record that was read, copy key, value, headers and, if you like, timestamp.',
  origin: 'Of a record that was read, copy key, value, headers and, if you like, timestamp.',
}

const recordCheck = object<ProducerRecord>(fields, { what: 'A record', otherNames })
