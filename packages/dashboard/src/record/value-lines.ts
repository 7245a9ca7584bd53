import type { ApiAnswers } from '@rivven/broker'
import { hexLines, jsonLines } from '@rivven/protocol'
import { visible } from '../text/visible.js'

/** A key, a value or what a header holds, as the API tells it. */
export type RecordValue = NonNullable<ApiAnswers.RecordRow['value']>

/**
 * It in lines to be shown as text, and as nothing else: JSON with a line for each part, its numbers as they were written; text in which
 * everything is seen; bytes as a dump.
 */
export function valueLines({ kind, text, base64 }: Pick<RecordValue, 'kind' | 'text' | 'base64'>): string[] {
  if (kind === 'json') return jsonLines(text ?? '').map(visible)
  if (text !== null) return textLines(text)
  return hexLines(bytesOf(base64 ?? ''))
}

/** Ends of lines stay what they are; all else that is not seen is written out. */
export function textLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.split('\t').map(visible).join('\t'))
}

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

/** Of a whole value that was loaded: text in which nothing but text is, else bytes. */
export function wholeLines(kind: RecordValue['kind'], bytes: Uint8Array): string[] {
  const text = textOf(bytes)
  if (text === undefined || kind === 'schema' || kind === 'binary') return hexLines(bytes)
  return kind === 'json' ? jsonLines(text).map(visible) : textLines(text)
}

/** Undefined: it is no UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const kindWords: Readonly<Record<RecordValue['kind'], string>> = {
  ...{ text: 'text', json: 'JSON', int32: 'int32', int64: 'int64', schema: 'with a schema', binary: 'bytes' },
}

/** `JSON`, `int64`, `schema 7`. */
export function kindText({ kind, schemaId }: Pick<RecordValue, 'kind' | 'schemaId'>): string {
  return schemaId === null ? kindWords[kind] : `schema ${schemaId}`
}

/** The first of it that fits in a line. */
export function oneLine(value: RecordValue | null, most = 120): string {
  if (value === null) return '–'
  const { text, base64 } = value
  const whole = text === null ? `0x${hexOf(bytesOf(base64 ?? '').subarray(0, most / 2))}` : visible(text)
  return whole.length <= most && !value.isCut ? whole : `${whole.slice(0, most)}…`
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
