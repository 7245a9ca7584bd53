import { isUtf8 } from 'node:buffer'

/** So much of a key, a value or a header is shown with its record. */
export const previewBytes = 2048

export const seenKinds = ['text', 'json', 'int32', 'int64', 'schema', 'binary'] as const

/** The beginning of something that somebody has written. */
export interface SeenBytes {
  /** Bytes that it has in all. */
  readonly size: number
  /** `json` begins and ends as such, `schema` has 0 and the id of a schema in front, integers are keys of 4 or 8 bytes. */
  readonly kind: (typeof seenKinds)[number]
  /** As UTF-8, integers in digits; null: it is none. */
  readonly text: string | null
  /** Where it is no text. */
  readonly base64: string | null
  readonly schemaId: number | null
  /** Is this only the beginning? */
  readonly isCut: boolean
}

/** What bytes of a record look like. Nothing of them is ever made anything but text, so no number is rounded. */
export function seenBytes(bytes: Buffer, role: 'key' | 'value'): SeenBytes {
  const shown = bytes.subarray(0, wholeCharacters(bytes))
  const isCut = shown.length < bytes.length
  const facts = { size: bytes.length, isCut, schemaId: null }
  const isText = isUtf8(shown)
  if (isText && !hasControls(shown)) {
    return { ...facts, kind: looksLikeJson(bytes) ? 'json' : 'text', text: shown.toString(), base64: null }
  }
  if (role === 'key' && bytes.length === 4)
    return { ...facts, kind: 'int32', text: String(bytes.readInt32BE()), base64: null }
  if (role === 'key' && bytes.length === 8)
    return { ...facts, kind: 'int64', text: String(bytes.readBigInt64BE()), base64: null }
  const base64 = shown.toString('base64')
  if (bytes[0] === 0 && bytes.length > 5)
    return { ...facts, kind: 'schema', text: null, base64, schemaId: bytes.readInt32BE(1) }
  return isText
    ? { ...facts, kind: 'text', text: shown.toString(), base64: null }
    : { ...facts, kind: 'binary', text: null, base64 }
}

/** Where the preview ends: not in the middle of a character. */
function wholeCharacters(bytes: Buffer): number {
  if (bytes.length <= previewBytes) return bytes.length
  let end = previewBytes
  while (end > previewBytes - 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return end
}

/** Other than those of lines. */
function hasControls(bytes: Buffer): boolean {
  return bytes.some((byte) => (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) || byte === 0x7f)
}

function looksLikeJson(bytes: Buffer): boolean {
  const [first, last] = [bytes[0], bytes.at(-1)]
  return (first === 0x7b && last === 0x7d) || (first === 0x5b && last === 0x5d)
}
