import { crc32c } from '@rivven/protocol'

/*
 * The file `checkpoint` of a partition, little endian, replaced as a whole:
 *   magic, version, 5 numbers (float64), state, CRC-32C of all before it
 * Version 1 had 4 numbers: nothing said of which partition it is.
 */
const MAGIC = 0x72766370
const VERSION = 2
const NUMBERS_AT = 8
const numbersIn: Readonly<Record<number, number>> = { 1: 4, 2: 5 }

/** Everything before (segmentBase, position) is on stable storage and was whole; a start reads only what is behind. */
export interface Checkpoint {
  startOffset: number
  /** The offset that this position stands for: the first that is not covered by `state`. */
  offset: number
  segmentBase: number
  position: number
  /** Of the rules above: not read here. */
  state: Buffer
}

export interface StoredCheckpoint extends Checkpoint {
  version: number
}

/** `folder`: name of the partition's folder. */
export function encodeCheckpoint(
  { startOffset, offset, segmentBase, position, state }: Checkpoint,
  folder: string,
): Buffer {
  const numbers = [startOffset, offset, segmentBase, position, crc32c(Buffer.from(folder))]
  const stateAt = NUMBERS_AT + numbers.length * 8
  const bytes = Buffer.alloc(stateAt + state.length + 4)
  bytes.writeUInt32LE(MAGIC, 0)
  bytes.writeUInt32LE(VERSION, 4)
  for (const [at, number] of numbers.entries()) bytes.writeDoubleLE(number, NUMBERS_AT + at * 8)
  state.copy(bytes, stateAt)
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, bytes.length - 4)), bytes.length - 4)
  return bytes
}

/** Undefined if it is damaged, or another partition's. */
export function decodeCheckpoint(bytes: Buffer, folder: string): StoredCheckpoint | undefined {
  if (bytes.length < NUMBERS_AT || bytes.readUInt32LE(0) !== MAGIC) return undefined
  const version = bytes.readUInt32LE(4)
  const count = numbersIn[version]
  if (count === undefined) return undefined
  const stateAt = NUMBERS_AT + count * 8
  if (bytes.length < stateAt + 4) return undefined
  if (crc32c(bytes.subarray(0, bytes.length - 4)) !== bytes.readUInt32LE(bytes.length - 4)) return undefined
  const number = (at: number) => bytes.readDoubleLE(NUMBERS_AT + at * 8)
  if (version >= 2 && number(4) !== crc32c(Buffer.from(folder))) return undefined
  const state = bytes.subarray(stateAt, bytes.length - 4)
  return { version, startOffset: number(0), offset: number(1), segmentBase: number(2), position: number(3), state }
}
