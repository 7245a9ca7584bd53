// Hot path: `note` runs for every append.

import { join } from 'node:path'
import { batchBaseOffset } from '@rivven/protocol'
import { SegmentFacts } from '../../segment-facts.js'
import { segmentName } from './file-names.js'
import type { IndexHead } from './index-file.js'
import { FileHandle } from './open-files.js'
import { SegmentIndex } from './segment-index.js'

/** One segment: a file of batches, and what is known of it. */
export class FileSegment extends SegmentFacts {
  readonly handle: FileHandle
  readonly folder: string
  /** All there is up to `size`; undefined: to be read from its file when it is needed. */
  index: SegmentIndex | undefined
  /** Bytes that the operating system has; what lies behind is being written. */
  writtenSize = 0
  /** Whether its name in the folder is durable, or going to be with the next commit. */
  isNamed = false

  constructor(folder: string, baseOffset: number, now: number) {
    super(baseOffset, now)
    this.folder = folder
    this.handle = new FileHandle(join(folder, segmentName(baseOffset, 'log')))
  }

  /** Replaced or removed: readers look again for the segment to read. */
  get isGone(): boolean {
    return this.handle.isGone
  }

  get indexPath(): string {
    return join(this.folder, segmentName(this.baseOffset, 'index'))
  }

  /** Bytes from about the batch that holds an offset on: all of them where the index is not at hand. */
  bytesFrom(offset: number): number {
    return this.size - (this.index?.positionBefore(offset) ?? 0)
  }

  /** Takes in the batch that follows, into facts and index. */
  note(batch: Buffer): void {
    this.index?.note(batchBaseOffset(batch), this.size, this.maxTimestamp)
    this.noteBatch(batch, batch.length)
  }

  startIndex(): void {
    this.index = new SegmentIndex(this.baseOffset)
  }

  takeFacts(head: IndexHead): void {
    this.nextOffset = head.nextOffset
    this.size = head.size
    this.firstTimestamp = head.firstTimestamp
    this.maxTimestamp = head.maxTimestamp
    this.maxTimestampOffset = head.maxTimestampOffset
    this.createdAt = head.createdAt
    this.modifiedAt = head.modifiedAt
  }
}
