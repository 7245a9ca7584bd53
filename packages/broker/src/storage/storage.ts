import type { LaterBytes } from '@rivven/protocol'
import type { StorageNotice } from './notices.js'

/**
 * What a storage engine does, and all it does: it stores and returns batches.
 * Offsets, idempotence, retention and compaction are rules, written once in log/ on top of this.
 * Engines: files/ (local files), memory/. Later ones are shared by brokers, therefore appends are conditional.
 */
export interface Storage {
  /** Tells of what is damaged or unknown in what is stored, once for each; what was met before is told at once. */
  onNotice(listener: (notice: StorageNotice) => void): void
  /**
   * Opens or makes the store of one partition and tells `owner` what is in it. `term` rises with every leadership; a
   * store with a higher one refuses.
   *
   * @throws TermOverError where another broker has a later term
   */
  openPartition(partition: PartitionKey, term: number, owner: StoreOwner): Promise<PartitionStore>
  /** Whether something may be stored of a partition. */
  holds(partition: PartitionKey): boolean
  /** Opens at once what holds nothing yet; undefined where something may be. */
  openNew(partition: PartitionKey, term: number, owner: StoreOwner): PartitionStore | undefined
  removePartition(partition: PartitionKey): Promise<void>
  /** Tries out whether appends would have room. */
  hasRoom(): Promise<boolean>
  /** Puts room by, for what makes room once there is none: documents, starts of logs, removals. Cheap where it is there. */
  putRoomBy(): Promise<void>
  close(): Promise<void>
}

export interface PartitionKey {
  topic: string
  topicId: string
  partition: number
}

/** The rules above one store: what it was, and what becomes of appends. */
export interface StoreOwner {
  /**
   * First call of all: the state of the last checkpoint, which counts for what is stored before `offset`; undefined if
   * there is none (offset 0, or whatever the store begins with).
   */
  restore(state: Buffer | undefined, offset: number): void
  /**
   * Then each batch stored since, in order: its beginning at least, which is its header and, of a control batch, all. The bytes are
   * only valid during the call.
   */
  replay(batch: Buffer): void
  /** Everything before this offset is in the operating system, and can be read. Once for each gathered write. */
  written(offset: number): void
  /** Everything before this offset is on stable storage. Once for each group commit. */
  durable(offset: number): void
  /**
   * Nothing more can be stored, and what of the appends not yet told of is stored nobody knows. Once. 'reopen': what was
   * told is not in doubt, and opened again the store may work. 'lost': a later term has begun, this one is over.
   */
  failed(error: Error, then: 'reopen' | 'never' | 'lost'): void
}

/**
 * Stored batches of one partition, in segments. All calls come from one owner; appends, rolls and checkpoints take
 * effect in the order of calls. Rejects, or tells `failed`, with the error of the disk.
 */
export interface PartitionStore {
  readonly partition: PartitionKey
  /** What the last checkpoint said; at least the first offset stored, and no offset below was kept. */
  readonly startOffset: number
  /** One past the last batch appended, written or not. */
  readonly endOffset: number
  readonly writtenOffset: number
  readonly durableOffset: number
  /** Oldest first; the last one takes the appends. There is none before the first append. */
  readonly segments: readonly SegmentInfo[]
  /** Bytes in all segments. */
  readonly size: number
  /** So much waits to be stored that nothing more is to be appended for now. */
  readonly isFull: boolean
  /** Where the active segment lies it should not go on. */
  readonly wantsRoll: boolean
  /** So much was stored since the last checkpoint that to open it would take long. */
  readonly wantsCheckpoint: boolean

  /**
   * Stores one batch, its base offset and leader epoch already in place; the bytes must not change any more. With
   * `wantsDurable`, the next group commit takes it along.
   */
  append(batch: Buffer, wantsDurable: boolean): void
  /** Group commit of everything appended so far; `durable` tells when. */
  requestDurable(): void
  /** The next append begins a new segment. `state` is what `restore` shall get for everything appended so far. */
  roll(state: Buffer): void
  /** Makes durable: all that was appended, `state` for it, and the first offset. Resolves when a restart will find it. */
  checkpoint(startOffset: number, state: Buffer): Promise<void>

  /**
   * Whole written batches from the one that holds `offset` (or the next one) on; at once if memory has them.
   *
   * @throws StoredRangeError where the batch that holds `offset` is damaged or missing
   */
  read(range: StoredRange): StoredBatches | Promise<StoredBatches>
  /** The same for a short look: who looks is no reader for whom what comes is kept in memory. */
  peek(range: StoredRange): StoredBatches | Promise<StoredBatches>
  /** Somebody has read all there is, and waits for what comes next: it is worth keeping in memory. */
  awaited(): void
  /** An offset as high as possible with no timestamp at or after `timestamp` in any batch before; undefined: in none. */
  offsetBeforeTimestamp(timestamp: number): Promise<number | undefined>

  /** Reads and checks all that the segment holds which begins at `baseOffset`; `isDamaged` tells. */
  verify(baseOffset: number): Promise<void>
  /** Removes the oldest segments, up to and without the one that begins at `baseOffset`. */
  removeSegmentsBefore(baseOffset: number): Promise<void>
  /** Begins to replace the closed segments that lie in [fromOffset, toOffset), both ends of segments, by one. */
  rewrite(fromOffset: number, toOffset: number): Promise<SegmentRewrite>
  /** Waits for what is under way, then closes the files. Appends not yet written are written. */
  close(): Promise<void>
  /** The same without appends that are not yet told of: they may be stored, or not. */
  abandon(): Promise<void>
}

export interface SegmentInfo {
  readonly baseOffset: number
  /** One past the last offset in it. */
  readonly nextOffset: number
  readonly size: number
  /** Largest timestamp of the first batch, -1 if it has none or the segment is empty. */
  readonly firstTimestamp: number
  /** -1 if no batch has any. */
  readonly maxTimestamp: number
  /** Base offset of the first batch that has maxTimestamp. */
  readonly maxTimestampOffset: number
  /** Wall-clock time of the first append, in ms since 1970; 0: not known. */
  readonly createdAt: number
  /** The same of the last one; where a start has found appends of which nobody wrote down when they came, of that start. */
  readonly modifiedAt: number
  /** Some of it cannot be read, as far as is known. */
  readonly isDamaged: boolean
}

export interface StoredRange {
  offset: number
  /** Batches that begin at or after this offset are left out. */
  endOffset: number
  maxBytes: number
  /** Give at least one batch, however large. */
  atLeastOne: boolean
  /**
   * Of what is given no more than so many bytes shall lie in memory for this reader; for more there is `later`. Absent:
   * all shall.
   */
  mayHold?: number
}

export interface StoredBatches {
  buffers: readonly Buffer[]
  /** All of it, where it is to be read while it is sent; whoever gets it must release it. Then there are no buffers. */
  later?: LaterBytes
  size: number
  /** One past the last offset of the last batch given; the asked offset if there is none. */
  nextOffset: number
}

/** A new segment in the making; the old ones serve until it is committed. */
export interface SegmentRewrite {
  add(batch: Buffer): Promise<void>
  /** Swaps it in, durably and as a whole. Nothing added: the old segments just go. */
  commit(): Promise<void>
  abandon(): Promise<void>
}
