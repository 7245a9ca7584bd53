import { batchBaseOffset, batchesOf, batchNextOffset, ErrorCode, isBatchCrcRight } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'
import type { PartitionLog } from './partition-log.js'

const readBytes = 1024 * 1024

export interface SoundReading {
  readonly fromOffset: number
  readonly endOffset: number
  readonly visit: (batch: Buffer) => void
  /** Told of what is damaged: from which offset, and what is wrong. Reading goes on behind it. */
  readonly damaged: (offset: number, error: Error) => void
  /** Others have their turn between two batches, whenever it has gone on for long. */
  readonly clock: Clock
}

/**
 * Reads a log of the broker's own, to its end or its last batch. Every batch is checked: whoever fetches records checks
 * them, and what the broker takes for true must be as sure.
 *
 * @throws Error when the log cannot be read
 */
export async function eachSoundBatch(log: PartitionLog, reading: SoundReading): Promise<void> {
  const { endOffset, visit, damaged, clock } = reading
  const breath = new Breath(clock)
  let offset = reading.fromOffset
  while (offset < endOffset) {
    const result = await log.read({ offset, maxBytes: readBytes, atLeastOne: true, isolation: 'all' })
    const before = offset
    if (result.damagedUntil !== undefined) {
      damaged(offset, new Error(`Offsets ${offset} to ${result.damagedUntil - 1} are damaged.`))
      offset = result.damagedUntil
    } else if (result.errorCode !== ErrorCode.NONE) {
      throw new Error(`${log.topic}-${log.partition} cannot be read at ${offset}: error ${result.errorCode}`)
    }
    for (const batch of result.records.flatMap((piece) => [...batchesOf(piece)])) {
      if (batchBaseOffset(batch) >= endOffset) return
      if (isBatchCrcRight(batch)) visit(batch)
      else damaged(batchBaseOffset(batch), new Error('The checksum of the batch is wrong.'))
      // Not by counting records: compaction leaves gaps (data-plane.md, trap 15).
      offset = Math.max(offset + 1, batchNextOffset(batch))
      if (breath.isDue) await breath.take()
    }
    // Compaction has taken all that was left.
    if (offset === before) return
  }
}
