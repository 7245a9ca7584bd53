// Hot path: every record of `__consumer_offsets` passes here at a start: 1,000,000 offsets must be there within 5 s.
import { decodeEvent, type GroupEvent, type GroupShard, replay } from '@rivven/groups'
import {
  batchBaseOffset,
  batchesOf,
  batchIsControl,
  batchIsTransactional,
  batchLastOffsetDelta,
  batchProducerId,
  controlRecordOf,
  ErrorCode,
  type LazyRecord,
  readRecords,
} from '@rivven/protocol'
import type { PartitionLog } from '../log/partition-log.js'

const readBytes = 1024 * 1024

export interface LoadOptions {
  /** Where to stop. */
  readonly endOffset: number
  /** Awaited between two reads, so that a large partition does not hold up everybody else. */
  readonly breathe: () => Promise<void>
  /** Told of what cannot be read. The rest counts: one bad record must not take all groups of a partition along. */
  readonly skipped: (offset: number, error: unknown) => void
}

/**
 * Replays a partition of `__consumer_offsets` from its start to its end (classic-groups.md §4.4). Offsets that belong to a
 * transaction count from its COMMIT marker on; those of an aborted or unfinished one do not.
 *
 * @throws Error when the log cannot be read
 */
export async function loadShard(shard: GroupShard, log: PartitionLog, options: LoadOptions): Promise<void> {
  const loader = new ShardLoader(shard, options.skipped)
  const { endOffset } = options
  let offset = log.logStartOffset
  while (offset < endOffset) {
    const { errorCode, records } = await log.read({ offset, maxBytes: readBytes, atLeastOne: true, isolation: 'all' })
    if (errorCode !== ErrorCode.NONE)
      throw new Error(`${log.topic}-${log.partition} cannot be read at ${offset}: error ${errorCode}`)
    const before = offset
    for (const piece of records) {
      for (const batch of batchesOf(piece)) {
        if (batchBaseOffset(batch) >= endOffset) return
        loader.replayBatch(batch)
        // Not by counting records: compaction leaves gaps (data-plane.md, trap 15).
        offset = batchBaseOffset(batch) + batchLastOffsetDelta(batch) + 1
      }
    }
    // Compaction has taken all that was left.
    if (offset === before) return
    await options.breathe()
  }
}

class ShardLoader {
  readonly #shard: GroupShard
  readonly #skipped: LoadOptions['skipped']
  /** Events of open transactions, by producer id. */
  readonly #pending = new Map<number, GroupEvent[]>()

  constructor(shard: GroupShard, skipped: LoadOptions['skipped']) {
    this.#shard = shard
    this.#skipped = skipped
  }

  replayBatch(batch: Buffer): void {
    try {
      if (batchIsControl(batch)) this.#endTransaction(batch)
      else this.#replayRecords(batch)
    } catch (error) {
      this.#skipped(batchBaseOffset(batch), error)
    }
  }

  #endTransaction(batch: Buffer): void {
    const producerId = batchProducerId(batch)
    const events = this.#pending.get(producerId) ?? []
    this.#pending.delete(producerId)
    if (controlRecordOf(batch)?.type === 'COMMIT') for (const event of events) replay(this.#shard, event)
  }

  #replayRecords(batch: Buffer): void {
    const held = batchIsTransactional(batch) ? this.#heldBack(batchProducerId(batch)) : null
    const reader = readRecords(batch)
    for (let record = reader.read(); record !== undefined; record = reader.read()) {
      const event = this.#eventOf(record)
      if (event === null) continue
      if (held) held.push(event)
      else replay(this.#shard, event)
    }
  }

  #eventOf(record: LazyRecord): GroupEvent | null {
    const { key } = record
    if (key === null) return null
    try {
      return decodeEvent(key, record.value)
    } catch (error) {
      this.#skipped(record.offset, error)
      return null
    }
  }

  #heldBack(producerId: number): GroupEvent[] {
    const held = this.#pending.get(producerId) ?? []
    this.#pending.set(producerId, held)
    return held
  }
}
