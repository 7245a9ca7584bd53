import { isUtf8 } from 'node:buffer'
import { flag, nullable, number, shape, type Told, text, word } from '../shape.js'

/** So much of a key, a value or a header is told with its record. */
export const previewBytes = 2048

const kinds = ['text', 'json', 'int32', 'int64', 'schema', 'binary'] as const

export const toldValue = shape('RecordValue', {
  size: number('Bytes that it has in all.'),
  kind: word(
    kinds,
    'What it looks like: `json` begins and ends as such, `schema` has 0 and the id of a schema in front, integers are keys of 4 or 8 bytes.',
  ),
  text: nullable(text('As UTF-8, integers in digits; null: it is none.')),
  base64: nullable(text('Its bytes, where it is no text.')),
  schemaId: nullable(number('Where it looks like one with a schema.')),
  isCut: flag(`Is this only the beginning? It has ${previewBytes} bytes at most.`),
})
export type ToldValue = Told<typeof toldValue>

/** The first bytes of something that somebody has written, and what they look like. Nothing of it is ever made anything but text. */
export function tellValue(bytes: Buffer, role: 'key' | 'value'): ToldValue {
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
