// Hot path: every record of `__consumer_offsets` passes here at a start: 1,000,000 offsets must be there within 5 s.
import {
  batchBaseOffset,
  batchIsControl,
  batchIsTransactional,
  batchProducerEpoch,
  batchProducerId,
  controlRecordOf,
  type LazyRecord,
  readRecords,
} from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { eachSoundBatch } from '../../log/each-sound-batch.js'
import type { PartitionLog } from '../../log/partition-log.js'
import type { BatchProducer, ShardDecision, ShardRules } from './shard-rules.js'

export interface LoadOptions {
  /** Where to stop. */
  readonly endOffset: number
  /** A large partition, or several at once, must not hold up everybody else. */
  readonly clock: Clock
  /**
   * Told of what is damaged or cannot be read. The rest counts: one bad record must not take all groups of a partition along.
   * What the record has changed is then as it was before it.
   */
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
  const { endOffset, clock, skipped } = options
  const visit = (batch: Buffer) => loader.replayBatch(batch)
  await eachSoundBatch(log, { fromOffset: log.logStartOffset, endOffset, visit, damaged: skipped, clock })
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
