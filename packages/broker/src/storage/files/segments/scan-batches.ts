import { BATCH_HEADER_SIZE, BATCH_MAGIC_END, batchMagic, batchSize } from '@rivven/protocol'
import type { DiskFile } from '@rivven/runtime'

const CHUNK_BYTES = 1_048_576

/** One batch in a buffer that is used again for the next ones. Returns false where the log is not sound any more. */
export type BatchVisitor = (batch: Buffer, position: number) => boolean

/** Walks the batches of a file in [from, to). Returns where it stopped: `to`, or the first that is not whole or sound. */
export async function scanBatches(file: DiskFile, from: number, to: number, visit: BatchVisitor): Promise<number> {
  let chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(0, to - from)))
  let position = from
  while (to - position >= BATCH_HEADER_SIZE) {
    const length = await file.read(chunk.subarray(0, Math.min(chunk.length, to - position)), position)
    const walked = walk(chunk.subarray(0, length), position, visit)
    position += walked.bytes
    if (walked.isStopped) return position
    if (walked.bytes > 0) continue
    // The next batch is larger than the chunk, or than the file.
    if (walked.needed > to - position || walked.needed <= chunk.length) return position
    chunk = Buffer.allocUnsafe(walked.needed)
  }
  return position
}

interface Walked {
  /** Batches accepted. */
  bytes: number
  isStopped: boolean
  /** Size of the batch that is not all there, 0 if that cannot be told. */
  needed: number
}

function walk(chunk: Buffer, position: number, visit: BatchVisitor): Walked {
  let at = 0
  while (chunk.length - at >= BATCH_MAGIC_END) {
    const size = batchSize(chunk, at)
    if (size < BATCH_HEADER_SIZE || batchMagic(chunk, at) !== 2) return { bytes: at, isStopped: true, needed: 0 }
    if (size > chunk.length - at) return { bytes: at, isStopped: false, needed: size }
    if (!visit(chunk.subarray(at, at + size), position + at)) return { bytes: at, isStopped: true, needed: 0 }
    at += size
  }
  return { bytes: at, isStopped: false, needed: 0 }
}
