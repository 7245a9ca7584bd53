import { encodeAssignment, encodeSubscription } from '@rivven/groups'
import {
  batchesOf,
  buildBatch,
  type Codec,
  controlRecordOf,
  type LazyRecord,
  readBatchHeader,
  readRecords,
} from '@rivven/protocol'
import { type Bearer, bearerMessage } from './bearer.js'
import type { Json } from './conversation.js'
import { type ScramMessages, type Spoilt, saltedPassword, scramFinal } from './scram.js'

type Fields = { [name: string]: Json }

/** Bytes as conversations write them: base64, or an object whose one key says how ({"$text"}, {"$batches"} and so on). */
export function bytesOf(written: Json): Buffer {
  if (typeof written === 'string') return Buffer.from(written, 'base64')
  const [kind, value] = Object.entries(written as Fields)[0]!
  switch (kind) {
    case '$text':
      return Buffer.from(value as string)
    case '$hex':
      return Buffer.from(value as string, 'hex')
    case '$subscription':
      return subscription(value as Fields)
    case '$assignment':
      return Buffer.from(
        encodeAssignment(
          { assignedPartitions: partitions(value as Fields, 'partitions'), userData: null },
          ((value as Fields).version as number) ?? 3,
        ),
      )
    case '$batches':
      return Buffer.concat((value as Fields[]).map(batch))
    case '$repeat':
      return repeated(value as Fields)
    case '$salted':
      return salted(value as Fields)
    case '$scramFinal':
      return scramFinalMessage(value as Fields)
    case '$bearer':
      return Buffer.from(bearerMessage(value as Bearer))
    default:
      throw new Error(`bytes cannot be written as ${kind}`)
  }
}

/** An expected answer with its bytes in base64; batches stay, answers show them in the same way. */
export function withBytes(json: Json): Json {
  if (Array.isArray(json)) return json.map(withBytes)
  if (json === null || typeof json !== 'object') return json
  const [first] = Object.keys(json)
  if (first === '$text' || first === '$hex' || first === '$subscription' || first === '$assignment')
    return bytesOf(json).toString('base64')
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, withBytes(value)]))
}

function repeated({ text, times }: Fields): Buffer {
  return Buffer.from((text as string).repeat(times as number))
}

function salted({ mechanism, password, salt, iterations }: Fields): Buffer {
  const written = Buffer.from(salt as string)
  return saltedPassword(mechanism as string, password as string, written, (iterations as number) ?? 4096)
}

function scramFinalMessage(value: Fields): Buffer {
  const { mechanism, clientFirst, password, serverFirst, ...spoilt } = value as unknown as ScramMessages & Spoilt
  const received = Buffer.from(serverFirst, 'base64').toString()
  return Buffer.from(scramFinal({ mechanism, clientFirst, password, serverFirst: received }, spoilt).message)
}

function subscription(value: Fields): Buffer {
  const { topics, userData, generationId, rackId, version } = value
  return Buffer.from(
    encodeSubscription(
      {
        topics: [...((topics as string[]) ?? [])].sort(),
        userData: userData === undefined ? null : Buffer.from(userData as string),
        ownedPartitions: partitions(value, 'ownedPartitions'),
        generationId: (generationId as number) ?? -1,
        rackId: (rackId as string) ?? null,
      },
      (version as number) ?? 3,
    ),
  )
}

function partitions(value: Fields, name: string): { topic: string; partitions: number[] }[] {
  const owned = (value[name] ?? {}) as Record<string, number[]>
  return Object.entries(owned).map(([topic, numbers]) => ({ topic, partitions: numbers }))
}

function batch(written: Fields): Buffer {
  const timestamp = (written.timestamp as number) ?? 1_700_000_000_000
  const bytes = buildBatch({
    codec: ((written.codec as string) ?? 'none') as Codec,
    producerId: (written.producerId as number) ?? -1,
    producerEpoch: (written.producerEpoch as number) ?? -1,
    baseSequence: (written.baseSequence as number) ?? -1,
    isTransactional: (written.isTransactional as boolean) ?? false,
    records: (written.records as Fields[]).map((record) => ({
      timestamp: (record.timestamp as number) ?? timestamp,
      key: text(record.key),
      value: text(record.value),
      headers: ((record.headers as Fields[]) ?? []).map((header) => ({
        key: header.key as string,
        value: text(header.value),
      })),
    })),
  })
  bytes.writeBigInt64BE(BigInt((written.baseOffset as number) ?? 0), 0)
  bytes.writeInt32BE((written.partitionLeaderEpoch as number) ?? -1, 12)
  return bytes
}

function text(json: Json | undefined): Buffer | null {
  if (json === null || json === undefined) return null
  return typeof json === 'string' ? Buffer.from(json) : bytesOf(json)
}

/** Record batches of an answer, readable. */
export function readableBatches(bytes: Buffer): Json {
  return { $batches: [...batchesOf(bytes)].map(readable) }
}

function readable(bytes: Buffer): Json {
  const header = readBatchHeader(bytes)
  const { baseOffset, producerId, producerEpoch, baseSequence, isTransactional, isControl } = header
  const batch: Fields = {
    baseOffset,
    lastOffset: baseOffset + header.lastOffsetDelta,
    producerId,
    producerEpoch,
    baseSequence,
    isTransactional,
    isControl,
    codec: header.codec ?? '?',
  }
  if (header.timestampType === 'LogAppendTime') batch.timestampType = 'LogAppendTime'
  batch.records = isControl
    ? [{ offset: baseOffset, control: controlRecordOf(bytes)?.type ?? '' }]
    : [...readRecords(bytes)].map(readableRecord)
  return batch
}

function readableRecord(record: LazyRecord): Json {
  const { offset, timestamp } = record
  const fields: Fields = { offset, timestamp, key: textOf(record.key), value: textOf(record.value) }
  if (record.headers.length > 0)
    fields.headers = record.headers.map(({ key, value }) => ({ key, value: textOf(value) }))
  return fields
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('utf8')
}
