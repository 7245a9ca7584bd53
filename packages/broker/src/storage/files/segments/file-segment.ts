// Hot path: `note` runs for every append.

import { join } from 'node:path'
import { batchBaseOffset } from '@rivven/protocol'
import { SegmentFacts } from '../../segment-facts.js'
import type { Damage } from './damage-range.js'
import { segmentName } from './file-names.js'
import type { IndexImage } from './index-file.js'
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
  /** What of it cannot be read, as far as is known, by position. */
  damages: Damage[] = []
  /** Something does not fit together; what it is, is not known yet. */
  isDoubtful = false
  /** All of it was read and checked: `damages` are all there are. */
  isVerified = false
  /** While that is done. */
  verifying: Promise<void> | undefined

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
    return this.size - (this.index?.entryBefore(offset).position ?? 0)
  }

  override get isDamaged(): boolean {
    return this.damages.length > 0
  }

  /** Nothing sound follows its last damage. */
  get endsDamaged(): boolean {
    return this.damages.some(({ fromOffset, toOffset }) => fromOffset < toOffset && toOffset === this.nextOffset)
  }

  /** Takes in the batch that follows, into facts and index. */
  note(batch: Buffer): void {
    this.index?.note(batchBaseOffset(batch), this.size, this.maxTimestamp)
    this.noteBatch(batch, batch.length)
  }

  /** The same for one that was found at this place: there may be damage before it. */
  noteAt(batch: Buffer, position: number): void {
    this.size = position
    this.note(batch)
  }

  startIndex(): void {
    this.index = new SegmentIndex(this.baseOffset)
  }

  /** What an index file would say now; undefined: the index is not in memory. */
  indexImage(): IndexImage | undefined {
    const { index } = this
    if (index === undefined) return undefined
    const { baseOffset, nextOffset, size, firstTimestamp, maxTimestamp, maxTimestampOffset, createdAt, modifiedAt } =
      this
    const times = { firstTimestamp, maxTimestamp, maxTimestampOffset, createdAt, modifiedAt }
    return { facts: { baseOffset, nextOffset, size, ...times }, index, entryCount: index.length }
  }

  /** But when it was begun. */
  forgetFacts(now: number): void {
    const { createdAt } = this
    this.takeFacts({ ...new SegmentFacts(this.baseOffset, now), createdAt })
  }
}
