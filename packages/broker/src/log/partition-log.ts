import type { LaterBytes } from '@rivven/protocol'
import type { ReaderPlace, Waiting } from './arrival/waiting.js'
import type { ProducerStates } from './state/producer-states.js'

/** What readers see of one partition. To look at one that was never written to opens no log. */
export interface PartitionView {
  readonly topic: string
  readonly partition: number
  /** The first offset that can be read. */
  readonly logStartOffset: number
  /**
   * One past the last record that readers without transactions may see: of what was written, up to the first batch that
   * was promised to be durable (acks -1) and is not yet.
   */
  readonly highWatermark: number
  /** One past the last record of which all transactions before it have ended. */
  readonly lastStableOffset: number
  readonly logEndOffset: number
  /** The epoch of this leadership: one more after every start of the broker. */
  readonly leaderEpoch: number
  /** What is known of each producer here: its epoch, sequences and open transaction. To be read only. */
  readonly producers: ProducerStates
  /**
   * What the disk makes of this log. 'sound': all of it is known, and its start can move, though there may be no room for
   * appends. 'passing': after an error that may pass, until the log has been opened again. 'broken': until the next start.
   */
  readonly health: 'sound' | 'passing' | 'broken'
  /** False while the log is opened again after an error of the disk: nothing that it says of offsets would be true. */
  readonly isReadable: boolean

  /** Whole stored batches from the one that holds `offset` on; see ReadResult. Synchronous where memory has it all. */
  read(request: ReadRequest): ReadResult | Promise<ReadResult>

  /** What a reader has yet to get, as far as memory tells; undefined: `lookForWaiting`. Only while `isReadable`, as the next two. */
  waiting(place: ReaderPlace): Waiting | undefined
  /** The same by a guess where it is not known. */
  guessWaiting(place: ReaderPlace): Waiting
  /** The same by a look at what is stored. Rejects with the error of the storage. */
  lookForWaiting(place: ReaderPlace): Promise<Waiting>

  /** The lowest offset at or after logStartOffset with a timestamp at or after `timestamp`, or undefined. */
  offsetForTimestamp(timestamp: number): Promise<TimestampedOffset | undefined>
  /** The first record that holds the largest timestamp, or undefined when empty. */
  offsetOfMaxTimestamp(): Promise<TimestampedOffset | undefined>
  /** OffsetForLeaderEpoch: data-plane.md §11. */
  endOffsetForEpoch(epoch: number): { leaderEpoch: number; endOffset: number }
  /** The epoch in which `offset` was written, or -1. */
  epochOfOffset(offset: number): number

  /** Calls `listener` whenever the readable end or the start has moved, or the log was closed. Returns how to stop. */
  onChange(listener: () => void): () => void

  /** Bytes on storage. */
  readonly size: number
}

/** What the rest of the broker sees of one partition: rules live behind it, storage below it. */
export interface PartitionLog extends PartitionView {
  /** Takes appends: false after an error of the disk, until there is room again or the broker is started again, and once closed. */
  readonly isWritable: boolean

  /** How many transactions were aborted here since then, wall milliseconds. Only while `isReadable`. */
  abortedSince(wall: number): number

  /**
   * Checks and appends one batch as a producer sent it. Offsets are given, and sequences checked, in the order of calls.
   * Resolves when the batch is as safe as `acks` asks: -1 on stable storage, 1 and 0 in the operating system.
   * Never rejects: what went wrong is in `errorCode`, and then nothing was appended (or, with 56, nobody knows).
   */
  append(records: Buffer, options: AppendOptions): Promise<AppendResult>

  /** DeleteRecords: moves logStartOffset forward (never back), durable when it resolves. */
  deleteRecordsBefore(offset: number): Promise<void>
}

export interface AppendOptions {
  acks: -1 | 0 | 1
  /** Version of the Produce request (zstd needs 7); absent for the broker's own batches. */
  produceVersion?: number
  /** 'coordinator': the broker's own batches, control batches included; the checks for clients are skipped. */
  origin: 'client' | 'coordinator'
  /** Of a marker; 2: it has an epoch of its own (KIP-890). Default 0. */
  transactionVersion?: number
}

export interface AppendResult {
  errorCode: number
  errorMessage: string | null
  recordErrors: { batchIndex: number; batchIndexErrorMessage: string | null }[]
  baseOffset: number
  logAppendTimeMs: number
  logStartOffset: number
}

export interface ReadRequest {
  offset: number
  maxBytes: number
  /** Give at least one whole batch, however large (the first-batch rule). */
  atLeastOne: boolean
  /** 'committed' reads to the last stable offset, 'uncommitted' to the high watermark, 'all' to the end (coordinators). */
  isolation: 'uncommitted' | 'committed' | 'all'
  /** So much of the result may lie in memory; more comes as `later`. Absent: all is in memory. */
  mayHold?: number
}

export interface ReadResult {
  /** 0, 1 (OFFSET_OUT_OF_RANGE), 2 (CORRUPT_MESSAGE: what holds the offset is damaged) or 56 (KAFKA_STORAGE_ERROR). */
  errorCode: number
  /** Stored bytes, in order; the slices must not be written to. */
  records: readonly Buffer[]
  /** All of it, to be read while it is sent, in place of `records`; whoever gets it must release it. */
  later?: LaterBytes
  size: number
  highWatermark: number
  lastStableOffset: number
  logStartOffset: number
  /** For 'committed': aborted transactions that overlap what was read, by firstOffset; else null. */
  abortedTransactions: { producerId: number; firstOffset: number }[] | null
  /** With 2: where reading may go on. */
  damagedUntil?: number
}

export interface TimestampedOffset {
  offset: number
  timestamp: number
  leaderEpoch: number
}
