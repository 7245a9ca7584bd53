import { basename } from 'node:path'
import { crc32c } from '@rivven/protocol'
import type { StoredFacts } from '../../segment-facts.js'
import { SegmentIndex } from './segment-index.js'

/*
 * Index file of a segment, little endian:
 *   head: magic, version, 10 facts (float64), CRC-32C of all before it     so facts can be read without the rest
 *   entries: offset, position, largest timestamp before (float64 each); CRC-32C of all of them
 * Version 1 had 8 facts: nothing said of which segment it is. It is only a help: one that is missing, damaged, too short or
 * of another segment is made again. What version 2 speaks of was on stable storage when it was written.
 */
const MAGIC = 0x72766978
const VERSION = 2
const FACTS_AT = 8
const factsIn: Readonly<Record<number, number>> = { 1: 8, 2: 10 }
/** So many bytes hold the head of every version. */
export const INDEX_HEAD_BYTES = FACTS_AT + 10 * 8 + 4
const ENTRY_BYTES = 24

/** What an index file says about its segment; `size` is how much of it was there when the file was written. */
export interface IndexHead extends StoredFacts {
  readonly version: number
  readonly entryCount: number
}

/** Which segment an index belongs to. */
export interface IndexedSegment {
  readonly baseOffset: number
  readonly folder: string
}

/** What an index file shall say: the facts of a moment, and how many entries of the index were there. */
export interface IndexImage {
  readonly facts: StoredFacts
  readonly index: SegmentIndex
  readonly entryCount: number
}

export function encodeIndex({ facts, index, entryCount }: IndexImage, folder: string): Buffer {
  const headBytes = INDEX_HEAD_BYTES
  const bytes = Buffer.alloc(headBytes + entryCount * ENTRY_BYTES + 4)
  bytes.writeUInt32LE(MAGIC, 0)
  bytes.writeUInt32LE(VERSION, 4)
  const { nextOffset, size, firstTimestamp, maxTimestamp, maxTimestampOffset, createdAt, modifiedAt } = facts
  const times = [firstTimestamp, maxTimestamp, maxTimestampOffset, createdAt, modifiedAt]
  const numbers = [nextOffset, size, ...times, entryCount, facts.baseOffset, ownerOf(folder)]
  for (const [at, number] of numbers.entries()) bytes.writeDoubleLE(number, FACTS_AT + at * 8)
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, headBytes - 4)), headBytes - 4)
  writeEntries(bytes, index, entryCount)
  bytes.writeUInt32LE(crc32c(bytes.subarray(headBytes, bytes.length - 4)), bytes.length - 4)
  return bytes
}

/** Undefined if the bytes are not the head of an index of this segment. */
export function decodeIndexHead(bytes: Buffer, { baseOffset, folder }: IndexedSegment): IndexHead | undefined {
  if (bytes.length < FACTS_AT || bytes.readUInt32LE(0) !== MAGIC) return undefined
  const version = bytes.readUInt32LE(4)
  const headBytes = headBytesOf(version)
  if (headBytes === undefined || bytes.length < headBytes) return undefined
  if (crc32c(bytes.subarray(0, headBytes - 4)) !== bytes.readUInt32LE(headBytes - 4)) return undefined
  const fact = (at: number) => bytes.readDoubleLE(FACTS_AT + at * 8)
  if (version >= 2 && (fact(8) !== baseOffset || fact(9) !== ownerOf(folder))) return undefined
  const [nextOffset, size, entryCount] = [fact(0), fact(1), fact(7)]
  if (![nextOffset, size, entryCount].every((count) => Number.isSafeInteger(count) && count >= 0)) return undefined
  const times = { firstTimestamp: fact(2), maxTimestamp: fact(3), maxTimestampOffset: fact(4) }
  const walls = { createdAt: fact(5), modifiedAt: fact(6) }
  return { version, baseOffset, nextOffset, size, ...times, ...walls, entryCount }
}

/** Undefined if it is not whole. */
export function decodeIndex(
  bytes: Buffer,
  segment: IndexedSegment,
): { head: IndexHead; index: SegmentIndex } | undefined {
  const head = decodeIndexHead(bytes, segment)
  if (head === undefined) return undefined
  const entriesAt = headBytesOf(head.version)!
  if (bytes.length !== entriesAt + head.entryCount * ENTRY_BYTES + 4) return undefined
  if (crc32c(bytes.subarray(entriesAt, bytes.length - 4)) !== bytes.readUInt32LE(bytes.length - 4)) return undefined
  const index = new SegmentIndex(segment.baseOffset)
  for (let at = entriesAt; at < bytes.length - 4; at += ENTRY_BYTES) {
    index.note(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8), bytes.readDoubleLE(at + 16))
  }
  return { head, index }
}

function headBytesOf(version: number): number | undefined {
  const facts = factsIn[version]
  return facts === undefined ? undefined : FACTS_AT + facts * 8 + 4
}

/** A number that tells partitions apart. */
function ownerOf(folder: string): number {
  return crc32c(Buffer.from(basename(folder)))
}

function writeEntries(bytes: Buffer, index: SegmentIndex, count: number): void {
  for (let at = 0; at < count; at++) {
    const { offset, position, timeBefore } = index.entry(at)
    const start = INDEX_HEAD_BYTES + at * ENTRY_BYTES
    bytes.writeDoubleLE(offset, start)
    bytes.writeDoubleLE(position, start + 8)
    bytes.writeDoubleLE(timeBefore, start + 16)
  }
}
