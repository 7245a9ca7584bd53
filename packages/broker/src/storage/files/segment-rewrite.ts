import { join } from 'node:path'
import { batchNextOffset } from '@rivven/protocol'
import type { SegmentRewrite } from '../storage.js'
import type { FileContext } from './file-context.js'
import { segmentName, swapName } from './segments/file-names.js'
import { FileSegment } from './segments/file-segment.js'
import type { Swap } from './swap-segments.js'

const BUFFER_BYTES = 1_048_576

/** Where the new segment goes once it is whole. */
export interface RewriteOwner {
  /** `segment` is durable, and shall take the place of the old ones. */
  swap(segment: FileSegment, swap: Swap): Promise<void>
}

/** Writes the segment that replaces others, beside them, into a file that a start would throw away. */
export class FileRewrite implements SegmentRewrite {
  private readonly context: FileContext
  private readonly owner: RewriteOwner
  private readonly segment: FileSegment
  private readonly range: { fromOffset: number; toOffset: number }
  private batches: Buffer[] = []
  private bytes = 0
  private isDone = false

  constructor(
    context: FileContext,
    owner: RewriteOwner,
    folder: string,
    range: { fromOffset: number; toOffset: number },
  ) {
    this.context = context
    this.owner = owner
    this.range = range
    this.segment = new FileSegment(folder, range.fromOffset, context.clock.now())
    this.segment.startIndex()
    this.segment.handle.path = join(folder, segmentName(range.fromOffset, 'log.cleaned'))
  }

  async start(): Promise<void> {
    await this.context.files.use(this.segment.handle, (file) => file.truncate(0))
  }

  async add(batch: Buffer): Promise<void> {
    if (batchNextOffset(batch) > this.range.toOffset) throw new Error('A rewritten batch lies outside of its segment.')
    this.segment.note(batch)
    // The caller's buffer may be used again.
    this.batches.push(Buffer.from(batch))
    this.bytes += batch.length
    if (this.bytes >= BUFFER_BYTES) await this.flush()
  }

  async commit(): Promise<void> {
    await this.flush()
    const { segment, context, range } = this
    segment.nextOffset = range.toOffset
    segment.writtenSize = segment.size
    await context.files.use(segment.handle, (file) => file.sync())
    this.isDone = true
    await this.owner.swap(segment, { name: swapName(range.fromOffset, range.toOffset), ...range })
  }

  async abandon(): Promise<void> {
    if (this.isDone) return
    this.isDone = true
    await this.context.files.close(this.segment.handle)
    await this.context.disk.remove(this.segment.handle.path)
  }

  private async flush(): Promise<void> {
    const { batches, bytes, segment } = this
    this.batches = []
    this.bytes = 0
    if (batches.length === 0) return
    const position = segment.size - bytes
    await this.context.files.use(segment.handle, (file) => file.write(batches, position))
  }
}
