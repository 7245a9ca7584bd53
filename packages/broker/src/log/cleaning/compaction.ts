import {
  batchBaseOffset,
  batchDeleteHorizon,
  batchesOf,
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchNextOffset,
  batchProducerEpoch,
  batchProducerId,
  isBatchCrcRight,
  type LazyRecord,
  readRecords,
} from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type { SegmentInfo, SegmentRewrite } from '../../storage/storage.js'
import { StoredRangeError } from '../../storage/stored-range-error.js'
import type { StoredLog } from '../stored-log.js'
import { type Compaction, compactBatch } from './compact-batch.js'
import { groupSegments, segmentsToClean } from './compaction-plan.js'
import { KeyOffsets } from './key-offsets.js'

const CHUNK_BYTES = 1_048_576
/** The event loop is never held longer than this, but for one batch. */
const SLICE_MS = 10
/** Keys of one pass, as Kafka's log.cleaner.dedupe.buffer.size. */
const MAX_KEY_BYTES = 134_217_728

/**
 * Cleans a compacted log if there is enough to gain: of each key the last record stays (data-plane.md §15.3). A segment that
 * is found to be damaged is left alone, with all behind it.
 *
 * @throws Error that names the damaged segment, once what lies before it is cleaned
 */
export async function compactLog(log: StoredLog, clock: Clock, maxKeyBytes = MAX_KEY_BYTES): Promise<void> {
  if (!log.config.cleanupPolicy.compact) return
  try {
    await cleanOnce(log, clock, maxKeyBytes)
  } catch (error) {
    const damaged = error instanceof StoredRangeError && (await verifyAt(log, error.fromOffset))
    if (!damaged) throw error
    await compactLog(log, clock, maxKeyBytes)
    const where = `${log.topic}-${log.partition} is compacted only up to offset ${damaged.baseOffset}`
    throw new Error(`${where}: the segment that begins there is damaged.`, { cause: error })
  }
}

/** The segment that holds an offset, if it is damaged: then the next pass ends before it. */
async function verifyAt(log: StoredLog, offset: number): Promise<SegmentInfo | undefined> {
  const segment = log.store.segments.find(({ nextOffset }) => nextOffset > offset)
  if (segment === undefined) return undefined
  await log.store.verify(segment.baseOffset)
  return segment.isDamaged ? segment : undefined
}

async function cleanOnce(log: StoredLog, clock: Clock, maxKeyBytes: number): Promise<void> {
  const { lastStableOffset: stableOffset, config } = log
  const { cleanedOffset } = log.state
  const segments = segmentsToClean(
    { segments: log.store.segments, stableOffset, cleanedOffset, now: clock.now() },
    config,
  )
  if (segments.length === 0) return
  // Their data went with the pass before; whoever read it then has had its answer since.
  log.state.aborted.dropBefore(cleanedOffset)
  const cleaner = new Cleaner(log, clock, maxKeyBytes)
  const end = await cleaner.collectKeys(cleanedOffset, segments.at(-1)!.nextOffset)
  for (const group of groupSegments(segments, config)) {
    if (group[0]!.baseOffset < end) await cleaner.clean(group, end)
  }
  log.state.cleanedOffset = end
  await log.checkpoint()
}

class Cleaner {
  private readonly log: StoredLog
  private readonly clock: Clock
  private readonly keys: KeyOffsets
  private readonly now: number
  private sliceStart: number
  /** Producers of which data of the transaction before its marker is still there. */
  private readonly withData = new Set<number>()

  constructor(log: StoredLog, clock: Clock, maxKeyBytes: number) {
    this.log = log
    this.clock = clock
    this.keys = new KeyOffsets(maxKeyBytes)
    this.now = clock.now()
    this.sliceStart = clock.monotonic()
  }

  /** Returns how far it came: everything before can be judged by the keys collected. */
  async collectKeys(fromOffset: number, toOffset: number): Promise<number> {
    let reached = toOffset
    await this.eachBatch(fromOffset, toOffset, (batch) => {
      if (this.keys.isFull) {
        reached = Math.min(reached, batchBaseOffset(batch))
        return
      }
      if (batchIsControl(batch) || this.isAborted(batch)) return
      for (const record of readRecords(batch, { maxBytes: Infinity })) if (record.hasKey) this.keys.add(record)
    })
    return reached
  }

  /** Writes what stays of these segments into one and swaps it in. `end` is where the pass ends. */
  async clean(group: readonly SegmentInfo[], end: number): Promise<void> {
    const from = group[0]!.baseOffset
    const to = group.at(-1)!.nextOffset
    const rewrite = await this.log.store.rewrite(from, to)
    try {
      const isChanged = await this.copy(rewrite, { from, to, end })
      if (isChanged || group.length > 1) await rewrite.commit()
      else await rewrite.abandon()
    } catch (error) {
      await rewrite.abandon()
      throw error
    }
  }

  private async copy(rewrite: SegmentRewrite, range: { from: number; to: number; end: number }): Promise<boolean> {
    let isChanged = false
    await this.eachBatch(range.from, range.to, (batch) => {
      // The pass keeps its end offset; what lies beyond could not be judged yet.
      const isLast = batchNextOffset(batch) === range.end || batchNextOffset(batch) === range.to
      const compacted = compactBatch(batch, this.compactionOf(batch, isLast))
      if (compacted.recordsKept > 0 && batchIsTransactional(batch) && !batchIsControl(batch)) {
        this.withData.add(batchProducerId(batch))
      }
      if (compacted.batch !== batch) isChanged = true
      return compacted.batch === null ? undefined : rewrite.add(compacted.batch)
    })
    return isChanged
  }

  private compactionOf(batch: Buffer, isLast: boolean): Compaction {
    const keepsEmpty = isLast || this.isLastOfProducer(batch)
    const horizon = batchDeleteHorizon(batch)
    const isPastHorizon = horizon !== undefined && this.now > horizon
    const deleteHorizonMs = this.now + this.log.config.deleteRetentionMs
    if (batchIsControl(batch)) {
      // A marker stays while there is data that it decides on, and its readers' time after that.
      if (this.withData.delete(batchProducerId(batch))) return { keepsEmpty, keeps: () => true }
      return { keepsEmpty, deleteHorizonMs, keeps: () => !isPastHorizon }
    }
    if (this.isAborted(batch)) return { keepsEmpty, keeps: () => false }
    return { keepsEmpty, deleteHorizonMs, keeps: (record) => this.keeps(record, isPastHorizon) }
  }

  private keeps(record: LazyRecord, isPastHorizon: boolean): boolean {
    if (!record.hasKey || this.keys.hasLater(record)) return false
    return record.hasValue || !isPastHorizon
  }

  /** An empty batch keeps the sequences of a producer that may still write. */
  private isLastOfProducer(batch: Buffer): boolean {
    const state = this.log.state.producers.producers.get(batchProducerId(batch))
    if (state === undefined) return false
    const last = state.batches.at(-1)
    if (last !== undefined) return last.lastOffset === batchLastOffset(batch)
    return batchIsControl(batch) && state.epoch === batchProducerEpoch(batch)
  }

  private isAborted(batch: Buffer): boolean {
    if (!batchIsTransactional(batch)) return false
    const overlapping = this.log.state.aborted.overlapping(batchBaseOffset(batch), batchNextOffset(batch))
    return overlapping.some(({ producerId }) => producerId === batchProducerId(batch))
  }

  private async eachBatch(
    fromOffset: number,
    toOffset: number,
    visit: (batch: Buffer) => Promise<void> | undefined | void,
  ): Promise<void> {
    let offset = fromOffset
    while (offset < toOffset) {
      const range = { offset, endOffset: toOffset, maxBytes: CHUNK_BYTES, atLeastOne: true }
      const chunk = await this.log.store.read(range)
      if (chunk.size === 0) return
      for (const buffer of chunk.buffers) {
        for (const batch of batchesOf(buffer)) {
          if (batchBaseOffset(batch) < fromOffset) continue
          this.mustBeSound(batch)
          await visit(batch)
          await this.pauseIfDue()
        }
      }
      offset = chunk.nextOffset
    }
  }

  /** Rewritten, a wrong record would get a right checksum. */
  private mustBeSound(batch: Buffer): void {
    if (isBatchCrcRight(batch)) return
    const { topic, partition } = this.log
    throw new StoredRangeError(`${topic}-${partition}`, batchBaseOffset(batch), batchNextOffset(batch))
  }

  private async pauseIfDue(): Promise<void> {
    if (this.clock.monotonic() - this.sliceStart < SLICE_MS) return
    await new Promise<void>((resolve) => this.clock.setTimer(0, resolve))
    this.sliceStart = this.clock.monotonic()
  }
}
