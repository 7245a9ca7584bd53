import type { Term } from './database.js'
import type { Keep } from './metadata.js'

/**
 * Batches of all partitions, in segments, and a checkpoint for each partition. What belongs to a term is only taken, or given, while
 * the partition has the epoch of that term. A log's end is stored nowhere: it is behind the last batch of the newest segment, or the
 * offset of the checkpoint if that is more.
 */
export interface LogTables {
  /** What is there of partitions. Those whose term is over are left out. */
  load(terms: readonly Term[]): Promise<LoadedPartition[]>

  /**
   * Shows the beginning of each batch of a segment that ends at or after `fromOffset`, in order; none of one whose data are gone
   * (only a later term removes what an earlier one may still look for).
   */
  heads(segment: SegmentPlace, fromOffset: number, take: (head: BatchHead) => void): Promise<void>

  /**
   * Stores batches, durably, for each partition whose term stands, with the segments that begin. Answers the partitions that took theirs;
   * the others took nothing. Does not wait for other appends, of this partition neither: whoever leads sends one at a time.
   *
   * 'repeated': it was done before, for one partition at least, and this time nothing was: `stored` tells for which. So an
   * append with unknown outcome is made again, word by word, until there is an answer.
   *
   * A chunk is dropped a minute after it was closed, and when no segment lies in it; whoever begins a segment there so late has no lease
   * any more, and is told UnavailableError.
   */
  append(flush: Flush): Promise<ReadonlySet<number> | 'repeated'>

  /**
   * The partitions whose term stands and whose batches of this flush are stored. The others: their term is over, or it took nothing. What
   * a later term has stored in the same place is not taken for this one's.
   */
  stored(flush: Flush): Promise<ReadonlySet<number>>

  /** Replaces the checkpoint and notes facts of segments, if the term stands; else false. Made again it does the same once more. */
  checkpoint(term: Term, checkpoint: NewCheckpoint): Promise<boolean>

  /**
   * Stores batches under the id of a segment that nobody sees yet: `swapSegments` brings it in. Without that they are removed, an hour
   * after the first call. What is there already is left as it is, so a call may be made again.
   */
  writeSegment(segment: SegmentPlace, batches: readonly NewBatch[]): Promise<void>

  /**
   * Takes segments away and brings others in (written before by `writeSegment`), all at once, if the term stands. False: the term is over, or what
   * was written of `added` is gone. What is gone or in already stays so: made again it has the same answer.
   */
  swapSegments(term: Term, gone: readonly number[], added: readonly SegmentRow[]): Promise<boolean>

  /**
   * Whole batches of a segment, in order, from the one that holds `fromOffset` (or the next one) on; one at least if there is one. About
   * `maxBytes`, it may be more. None: the segment ends before, or its data are gone. `segment` as the caller knows it: its facts tell
   * how many batches that will be.
   */
  read(segment: SegmentRow, range: { readonly fromOffset: number; readonly maxBytes: number }): Promise<Buffer[]>

  /** Base offset of the first batch whose largest timestamp is at or after `timestamp`. Undefined: none has, or the data are gone. */
  firstOffsetAt(segment: SegmentPlace, timestamp: number): Promise<number | undefined>

  /**
   * Chores that any broker may do, again and again: closes chunks that are full or old and opens the next ones (a change of the metadata),
   * drops what segments that are gone have left after a minute, and forgets topics that were deleted an hour ago. Tells what is left.
   */
  sweep(): Promise<OldestChunks>
}

/**
 * How long ago, in ms, the oldest chunk of each class was opened that is closed and not dropped yet: something in it is kept. What is
 * kept for ever has no time, and is left out.
 */
export type OldestChunks = ReadonlyMap<Keep, number>

/** Where a segment lies. Ids come from `takeIds('segment')`. */
export interface SegmentPlace {
  readonly segmentId: number
  readonly chunk: number
}

/** What is known of a segment without reading it; as of the last checkpoint, or of its beginning. */
export interface SegmentRow extends SegmentPlace {
  readonly partId: number
  readonly baseOffset: number
  /** One past the last offset. */
  readonly nextOffset: number
  /** Bytes of all batches. */
  readonly size: number
  readonly batches: number
  /** Bytes of the largest batch. */
  readonly largest: number
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  readonly maxTimestampOffset: number
  /** ms since 1970, by the clock of the broker that led. */
  readonly createdAt: number
  readonly modifiedAt: number
}

export interface LoadedPartition extends Term {
  readonly checkpoint: Checkpoint | undefined
  /** By base offset. */
  readonly segments: readonly SegmentRow[]
}

export interface Checkpoint {
  readonly startOffset: number
  /** `state` counts for everything before. */
  readonly offset: number
  readonly state: Buffer
}

export interface NewCheckpoint extends Checkpoint {
  /** Segments of which more is known than is stored. Those that are gone are left out. */
  readonly segments: readonly SegmentRow[]
}

export interface BatchHead {
  readonly lastOffset: number
  /** Bytes of the whole batch. */
  readonly size: number
  /** Its first `HEAD_BYTES`; all of it, if it has no more. */
  readonly head: Buffer
}

/** Enough for the header of a batch, and for a whole control batch. */
export const HEAD_BYTES = 256

export interface NewBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly maxTimestamp: number
  /** Must not change before there is an answer; where none comes, never. */
  readonly payload: Buffer
}

/** One append: batches of several partitions that lie in one chunk. */
export interface Flush {
  readonly chunk: number
  readonly parts: readonly FlushPart[]
}

/** What of it belongs to one partition, which is there once. Offsets follow each other. */
export interface FlushPart {
  readonly term: Term
  /** Segments that begin with it. */
  readonly begun: readonly SegmentRow[]
  readonly batches: readonly FlushBatch[]
}

export interface FlushBatch extends NewBatch {
  readonly segmentId: number
}
