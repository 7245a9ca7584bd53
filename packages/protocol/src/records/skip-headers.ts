// Hot path: runs for every record that has headers, in check-records and read-records.
import { readVarint, varintEnd } from './varint.js'

/** Walks the headers of a record from their count on; returns where they end, or -1 if they do not make sense. */
export function skipHeaders(bytes: Uint8Array, start: number, end: number): number {
  const count = readVarint(bytes, start, end)
  let at = varintEnd
  // A header has at least two bytes, so no larger count can be true.
  if (at < 0 || count < 0 || count > (end - at) / 2) return -1
  for (let index = 0; index < count; index++) {
    const keyLength = readVarint(bytes, at, end)
    at = varintEnd
    if (at < 0 || keyLength < 0 || keyLength > end - at) return -1
    at += keyLength
    const valueLength = readVarint(bytes, at, end)
    at = varintEnd
    if (at < 0 || valueLength > end - at) return -1
    if (valueLength > 0) at += valueLength
  }
  return at
}
