import type { Api, Field, Fields } from '@rivven/protocol'
import type { Json } from './conversation.js'
import { bytesOf, readableBatches } from './written-bytes.js'

/** A message as a conversation writes it, ready to be encoded: its bytes fields become buffers. */
export function fromJson(fields: Fields, json: Json): unknown {
  const message = json as Record<string, Json>
  return Object.fromEntries(Object.entries(message).map(([name, value]) => [name, encodable(fields[name], value)]))
}

function encodable(field: Field<unknown> | undefined, json: Json): unknown {
  if (!field || json === null) return json
  const { type } = field
  if (type === 'bytes' || type === 'records') return bytesOf(json)
  if (typeof type === 'string') return json
  if (type.kind === 'struct') return fromJson(type.fields, json)
  return (json as Json[]).map((element) => encodable({ type: type.of }, element))
}

/** An answer as a conversation shows it: bytes in base64, record batches readable. */
export function toJson(fields: Fields, message: unknown): Json {
  return Object.fromEntries(
    Object.entries(message as object).map(([name, value]) => [name, jsonOf(fields[name]!, value)]),
  )
}

function jsonOf(field: Field<unknown>, value: unknown): Json {
  const { type } = field
  if (value === null) return null
  if (type === 'records') return readableBatches(value as Buffer)
  if (type === 'bytes') return (value as Buffer).toString('base64')
  if (typeof type === 'string') return value as Json
  if (type.kind === 'struct') return toJson(type.fields, value)
  return (value as unknown[]).map((element) => jsonOf({ type: type.of }, element))
}

/** An unknown version of ApiVersions is answered in version 0 with error 35. */
export function versionOfAnswer(api: Api, version: number, frame: Buffer): number {
  return api.name === 'ApiVersions' && frame.readInt16BE(4) === 35 ? 0 : version
}
