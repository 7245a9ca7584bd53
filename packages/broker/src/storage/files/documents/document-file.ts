import { crc32c } from '@rivven/protocol'

/*
 * A document is one line, then its content:
 *   rivven-document 1 <name> <bytes of the content> <their CRC-32C, 8 digits>
 * Those of earlier brokers are the content alone, which was always JSON.
 */
const MARK = 'rivven-document '
const VERSION = 1

export type ReadDocument =
  | { kind: 'sound'; content: Buffer }
  /** Of an earlier broker, without a checksum. */
  | { kind: 'old'; content: Buffer }
  | { kind: 'damaged' }

export function encodeDocument(name: string, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(headOf(name, content)), content])
}

/** What a file says that should hold the document of this name. */
export function decodeDocument(name: string, bytes: Buffer): ReadDocument {
  const text = bytes.toString('latin1', 0, MARK.length)
  if (text !== MARK) return isJson(bytes) ? { kind: 'old', content: bytes } : { kind: 'damaged' }
  const content = bytes.subarray(bytes.indexOf('\n') + 1)
  const isSound = bytes.toString('utf8', 0, bytes.length - content.length) === headOf(name, content)
  return isSound ? { kind: 'sound', content } : { kind: 'damaged' }
}

function headOf(name: string, content: Uint8Array): string {
  const crc = crc32c(Buffer.from(content.buffer, content.byteOffset, content.byteLength))
  return `${MARK}${VERSION} ${name} ${content.byteLength} ${crc.toString(16).padStart(8, '0')}\n`
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString())
    return true
  } catch {
    return false
  }
}
