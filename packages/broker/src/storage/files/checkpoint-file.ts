import { crc32c } from '@rivven/protocol'

/*
 * The file `checkpoint` of a partition, little endian, replaced as a whole:
 *   magic, version, 4 numbers (float64), state, CRC-32C of all before it
 */
const MAGIC = 0x72766370
const VERSION = 1
const STATE_AT = 8 + 4 * 8

export const CHECKPOINT_NAME = 'checkpoint'

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

export function encodeCheckpoint({ startOffset, offset, segmentBase, position, state }: Checkpoint): Buffer {
  const bytes = Buffer.alloc(STATE_AT + state.length + 4)
  bytes.writeUInt32LE(MAGIC, 0)
  bytes.writeUInt32LE(VERSION, 4)
  const numbers = [startOffset, offset, segmentBase, position]
  for (const [at, number] of numbers.entries()) bytes.writeDoubleLE(number, 8 + at * 8)
  state.copy(bytes, STATE_AT)
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, bytes.length - 4)), bytes.length - 4)
  return bytes
}

/** Undefined if it is damaged: then the whole log is read again. */
export function decodeCheckpoint(bytes: Buffer): Checkpoint | undefined {
  if (bytes.length < STATE_AT + 4 || bytes.readUInt32LE(0) !== MAGIC || bytes.readUInt32LE(4) !== VERSION)
    return undefined
  if (crc32c(bytes.subarray(0, bytes.length - 4)) !== bytes.readUInt32LE(bytes.length - 4)) return undefined
  const [startOffset, offset, segmentBase, position] = [8, 16, 24, 32].map((at) => bytes.readDoubleLE(at))
  const state = bytes.subarray(STATE_AT, bytes.length - 4)
  return { startOffset: startOffset!, offset: offset!, segmentBase: segmentBase!, position: position!, state }
}
