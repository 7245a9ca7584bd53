// Hot path: every record of `__consumer_offsets` passes here at a start: 1,000,000 offsets must be there within 5 s.
import {
  batchBaseOffset,
  batchesOf,
  batchIsControl,
  batchIsTransactional,
  batchLastOffsetDelta,
  batchProducerEpoch,
  batchProducerId,
  controlRecordOf,
  ErrorCode,
  type LazyRecord,
  readRecords,
} from '@rivven/protocol'
import type { PartitionLog } from '../../log/partition-log.js'
import type { BatchProducer, ShardDecision, ShardRules } from './shard-rules.js'

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
 * Replays a partition of a coordinator's topic from its start to its end (classic-groups.md §4.4), the markers of
 * transactions with it.
 *
 * @throws Error when the log cannot be read
 */
export async function loadShard<Shard, Event>(
  rules: ShardRules<Shard, Event, ShardDecision<Event>>,
  shard: Shard,
  log: PartitionLog,
  options: LoadOptions,
): Promise<void> {
  const loader = new ShardLoader(rules, shard, options.skipped)
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

class ShardLoader<Shard, Event> {
  readonly #rules: ShardRules<Shard, Event, ShardDecision<Event>>
  readonly #shard: Shard
  readonly #skipped: LoadOptions['skipped']

  constructor(rules: ShardRules<Shard, Event, ShardDecision<Event>>, shard: Shard, skipped: LoadOptions['skipped']) {
    this.#rules = rules
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
    const marker = controlRecordOf(batch)
    const event = this.#rules.ended(producerOf(batch), marker?.type === 'COMMIT', marker?.coordinatorEpoch ?? -1)
    if (event !== null) this.#rules.replay(this.#shard, event)
  }

  #replayRecords(batch: Buffer): void {
    const producer = batchIsTransactional(batch) ? producerOf(batch) : null
    const reader = readRecords(batch)
    for (let record = reader.read(); record !== undefined; record = reader.read()) {
      const event = this.#eventOf(record, producer)
      if (event !== null) this.#rules.replay(this.#shard, event)
    }
  }

  #eventOf(record: LazyRecord, producer: BatchProducer | null): Event | null {
    const { key } = record
    if (key === null) return null
    try {
      return this.#rules.decode(key, record.value, producer)
    } catch (error) {
      this.#skipped(record.offset, error)
      return null
    }
  }
}

function producerOf(batch: Buffer): BatchProducer {
  return { producerId: batchProducerId(batch), producerEpoch: batchProducerEpoch(batch) }
}
