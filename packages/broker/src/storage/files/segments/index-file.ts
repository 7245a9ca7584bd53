import { crc32c } from '@rivven/protocol'
import type { SegmentInfo } from '../../storage.js'
import { SegmentIndex } from './segment-index.js'

/*
 * Index file of a segment, little endian:
 *   head: magic, version, 8 facts (float64), CRC-32C of all before it      so facts can be read without the rest
 *   entries: offset, position, largest timestamp before (float64 each); CRC-32C of all of them
 * It is only a help: one that is missing, damaged or too short is made again from the segment.
 */
const MAGIC = 0x72766978
const VERSION = 1
const FACTS_AT = 8
const FACTS = 8
const HEAD_CRC_AT = FACTS_AT + FACTS * 8
export const INDEX_HEAD_BYTES = HEAD_CRC_AT + 4
const ENTRY_BYTES = 24

/** What an index file says about its segment; `size` is how much of it was there when the file was written. */
export interface IndexHead extends SegmentInfo {
  readonly entryCount: number
}

export function encodeIndex(segment: SegmentInfo, index: SegmentIndex): Buffer {
  const bytes = Buffer.alloc(INDEX_HEAD_BYTES + index.length * ENTRY_BYTES + 4)
  bytes.writeUInt32LE(MAGIC, 0)
  bytes.writeUInt32LE(VERSION, 4)
  const { nextOffset, size, firstTimestamp, maxTimestamp, maxTimestampOffset, createdAt, modifiedAt } = segment
  const facts = [
    nextOffset,
    size,
    firstTimestamp,
    maxTimestamp,
    maxTimestampOffset,
    createdAt,
    modifiedAt,
    index.length,
  ]
  for (const [at, fact] of facts.entries()) bytes.writeDoubleLE(fact, FACTS_AT + at * 8)
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, HEAD_CRC_AT)), HEAD_CRC_AT)
  writeEntries(bytes, index)
  bytes.writeUInt32LE(crc32c(bytes.subarray(INDEX_HEAD_BYTES, bytes.length - 4)), bytes.length - 4)
  return bytes
}

/** Undefined if the bytes are not the head of an index of this segment. */
export function decodeIndexHead(bytes: Buffer, baseOffset: number): IndexHead | undefined {
  if (bytes.length < INDEX_HEAD_BYTES || bytes.readUInt32LE(0) !== MAGIC || bytes.readUInt32LE(4) !== VERSION)
    return undefined
  if (crc32c(bytes.subarray(0, HEAD_CRC_AT)) !== bytes.readUInt32LE(HEAD_CRC_AT)) return undefined
  const fact = (at: number) => bytes.readDoubleLE(FACTS_AT + at * 8)
  const times = { firstTimestamp: fact(2), maxTimestamp: fact(3), maxTimestampOffset: fact(4) }
  const walls = { createdAt: fact(5), modifiedAt: fact(6) }
  return { baseOffset, nextOffset: fact(0), size: fact(1), ...times, ...walls, entryCount: fact(7) }
}

/** Undefined if it is not whole. */
export function decodeIndex(bytes: Buffer, baseOffset: number): { head: IndexHead; index: SegmentIndex } | undefined {
  const head = decodeIndexHead(bytes, baseOffset)
  if (head === undefined || bytes.length !== INDEX_HEAD_BYTES + head.entryCount * ENTRY_BYTES + 4) return undefined
  if (crc32c(bytes.subarray(INDEX_HEAD_BYTES, bytes.length - 4)) !== bytes.readUInt32LE(bytes.length - 4))
    return undefined
  const index = new SegmentIndex(baseOffset)
  for (let at = INDEX_HEAD_BYTES; at < bytes.length - 4; at += ENTRY_BYTES) {
    index.note(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8), bytes.readDoubleLE(at + 16))
  }
  return { head, index }
}

function writeEntries(bytes: Buffer, index: SegmentIndex): void {
  for (let at = 0; at < index.length; at++) {
    const { offset, position, timeBefore } = index.entry(at)
    const start = INDEX_HEAD_BYTES + at * ENTRY_BYTES
    bytes.writeDoubleLE(offset, start)
    bytes.writeDoubleLE(position, start + 8)
    bytes.writeDoubleLE(timeBefore, start + 16)
  }
}
