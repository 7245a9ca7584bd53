import { decodeEvent, type GroupEvent, type GroupShard, replay } from '@rivven/groups'
import {
  batchesOf,
  batchIsControl,
  batchIsTransactional,
  batchProducerId,
  controlRecordOf,
  ErrorCode,
  readRecords,
} from '@rivven/protocol'
import type { PartitionLog } from '../log/partition-log.js'

const readBytes = 4 * 1024 * 1024

/**
 * Replays a partition of `__consumer_offsets` from its start to its end (classic-groups.md §4.4). Offsets that belong to a
 * transaction count from its COMMIT marker on; those of an aborted or unfinished one do not.
 * `breathe` is awaited between two reads, so that loading a large partition does not hold up everybody else.
 */
export async function loadShard(shard: GroupShard, log: PartitionLog, breathe: () => Promise<void>): Promise<void> {
  const pending = new Map<number, GroupEvent[]>()
  let offset = log.logStartOffset
  while (offset < log.logEndOffset) {
    const { errorCode, records } = await log.read({ offset, maxBytes: readBytes, atLeastOne: true, isolation: 'all' })
    if (errorCode !== ErrorCode.NONE)
      throw new Error(`${log.topic}-${log.partition} cannot be read at ${offset}: error ${errorCode}`)
    const before = offset
    for (const piece of records) for (const batch of batchesOf(piece)) offset = replayBatch(shard, batch, pending)
    if (offset === before) return
    await breathe()
  }
}

/** Returns the offset behind the batch. */
function replayBatch(shard: GroupShard, batch: Buffer, pending: Map<number, GroupEvent[]>): number {
  const reader = readRecords(batch)
  const next = nextOffsetOf(batch)
  if (batchIsControl(batch)) {
    const producerId = batchProducerId(batch)
    if (controlRecordOf(batch)?.type === 'COMMIT')
      for (const event of pending.get(producerId) ?? []) replay(shard, event)
    pending.delete(producerId)
    return next
  }
  const held = batchIsTransactional(batch) ? heldBack(pending, batchProducerId(batch)) : null
  for (const record of reader) {
    if (record.key === null) continue
    const event = decodeEvent(record.key, record.value)
    if (event === null) continue
    if (held) held.push(event)
    else replay(shard, event)
  }
  return next
}

function heldBack(pending: Map<number, GroupEvent[]>, producerId: number): GroupEvent[] {
  const held = pending.get(producerId) ?? []
  pending.set(producerId, held)
  return held
}

/** Base offset and last offset delta: compaction leaves gaps (data-plane.md, trap 15). */
function nextOffsetOf(batch: Buffer): number {
  return Number(batch.readBigInt64BE(0)) + batch.readInt32BE(23) + 1
}
