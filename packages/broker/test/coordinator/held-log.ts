import { batchBaseOffset, batchNextOffset, batchRecordCount, ErrorCode, setBatchBaseOffset } from '@rivven/protocol'
import type { Waiting } from '../../src/log/arrival/waiting.js'
import type { AppendResult, PartitionLog, ReadRequest, ReadResult } from '../../src/log/partition-log.js'
import { ProducerStates } from '../../src/log/state/producer-states.js'

interface Held {
  batch: Buffer
  resolve: (result: AppendResult) => void
}

/** A log in memory whose disk does what the test says: appends wait for `sync` where `holds`, and fail on demand. */
export class HeldLog implements PartitionLog {
  readonly topic = '__consumer_offsets'
  readonly partition = 0
  readonly logStartOffset = 0
  readonly leaderEpoch = 0
  readonly size = 0
  readonly producers = new ProducerStates()
  isWritable = true
  readonly isReadable = true

  get health(): PartitionLog['health'] {
    return this.isWritable ? 'sound' : 'broken'
  }

  batches: Buffer[] = []
  /** Appends wait for `sync`. */
  holds = false
  /** Errors of the next reads. */
  readErrors: number[] = []
  #held: Held[] = []

  get logEndOffset(): number {
    const last = this.batches.at(-1)
    return last ? batchNextOffset(last) : 0
  }

  get highWatermark(): number {
    return this.logEndOffset
  }

  get lastStableOffset(): number {
    return this.logEndOffset
  }

  /** Records of each append so far. */
  get recordCounts(): number[] {
    return this.batches.map((batch) => batchRecordCount(batch))
  }

  abortedSince(): number {
    return 0
  }

  append(batch: Buffer): Promise<AppendResult> {
    setBatchBaseOffset(batch, this.logEndOffset)
    this.batches.push(batch)
    return new Promise((resolve) => {
      this.#held.push({ batch, resolve })
      if (!this.holds) this.sync()
    })
  }

  /** Everything appended is durable. */
  sync(): void {
    for (const { batch, resolve } of this.#held.splice(0)) resolve(result(ErrorCode.NONE, batchBaseOffset(batch)))
  }

  /** What waits failed; it is not in the log, unless it `remains` there. */
  fail(errorCode: number, { remains = false } = {}): void {
    for (const { batch, resolve } of this.#held.splice(0)) {
      if (!remains) this.batches = this.batches.filter((other) => other !== batch)
      resolve(result(errorCode, -1))
    }
  }

  async read({ offset, maxBytes }: ReadRequest): Promise<ReadResult> {
    const errorCode = this.readErrors.shift() ?? ErrorCode.NONE
    const records: Buffer[] = []
    let size = 0
    for (const batch of this.batches) {
      if (batchNextOffset(batch) <= offset) continue
      if (size > 0 && size + batch.length > maxBytes) break
      records.push(batch)
      size += batch.length
    }
    const { logEndOffset: end } = this
    return {
      ...{ errorCode, records, size, abortedTransactions: null },
      ...{ highWatermark: end, lastStableOffset: end, logStartOffset: 0 },
    }
  }

  waiting(): Waiting {
    return { kind: 'nothing', end: this.logEndOffset }
  }

  guessWaiting(): Waiting {
    return this.waiting()
  }

  async lookForWaiting(): Promise<Waiting> {
    return this.waiting()
  }

  async offsetForTimestamp(): Promise<undefined> {
    return undefined
  }

  async offsetOfMaxTimestamp(): Promise<undefined> {
    return undefined
  }

  endOffsetForEpoch(): { leaderEpoch: number; endOffset: number } {
    return { leaderEpoch: 0, endOffset: this.logEndOffset }
  }

  epochOfOffset(): number {
    return 0
  }

  async deleteRecordsBefore(): Promise<void> {
    return undefined
  }

  onChange(): () => void {
    return () => undefined
  }
}

function result(errorCode: number, baseOffset: number): AppendResult {
  return { errorCode, errorMessage: null, recordErrors: [], baseOffset, logAppendTimeMs: -1, logStartOffset: 0 }
}
