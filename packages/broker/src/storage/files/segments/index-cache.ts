import { batchBaseOffset, batchMaxTimestamp } from '@rivven/protocol'
import type { Disk } from '@rivven/runtime'
import type { FileSegment } from './file-segment.js'
import { decodeIndex, encodeIndex } from './index-file.js'
import type { OpenFiles } from './open-files.js'
import { scanBatches } from './scan-batches.js'
import { SegmentIndex } from './segment-index.js'

/** Reads indexes of closed segments when they are needed, and forgets the ones loaded first beyond its budget. */
export class IndexCache {
  private readonly disk: Disk
  private readonly files: OpenFiles
  private readonly maxBytes: number
  private readonly loaded: FileSegment[] = []
  private readonly loading = new Map<FileSegment, Promise<SegmentIndex>>()
  private bytes = 0

  constructor(disk: Disk, files: OpenFiles, maxBytes: number) {
    this.disk = disk
    this.files = files
    this.maxBytes = maxBytes
  }

  /** The index of a segment that takes no appends, or has its index already. */
  async of(segment: FileSegment): Promise<SegmentIndex> {
    if (segment.index !== undefined) return segment.index
    let promise = this.loading.get(segment)
    if (promise === undefined) {
      promise = this.load(segment).finally(() => this.loading.delete(segment))
      this.loading.set(segment, promise)
    }
    return promise
  }

  /** Loads the index of a segment that takes appends: it must stay. */
  async pin(segment: FileSegment): Promise<void> {
    const index = await this.of(segment)
    const at = this.loaded.indexOf(segment)
    if (at < 0) return
    this.loaded.splice(at, 1)
    this.bytes -= index.bytes
  }

  /** The segment is closed from now on: its index is written, and may be forgotten. */
  async store(segment: FileSegment): Promise<void> {
    if (segment.index === undefined) return
    await this.disk.replaceFile(segment.indexPath, encodeIndex(segment, segment.index))
  }

  /** Lets the index of a closed segment go when others need the room. */
  release(segment: FileSegment): void {
    if (segment.index === undefined || this.loaded.includes(segment)) return
    this.loaded.push(segment)
    this.bytes += segment.index.bytes
    while (this.bytes > this.maxBytes && this.loaded.length > 1) {
      const oldest = this.loaded.shift()!
      this.bytes -= oldest.index?.bytes ?? 0
      oldest.index = undefined
    }
  }

  private async load(segment: FileSegment): Promise<SegmentIndex> {
    const stored = await readIndexFile(this.disk, segment)
    const isUsable = stored !== undefined && stored.head.size <= segment.size
    const index = isUsable ? stored.index : new SegmentIndex(segment.baseOffset)
    let timeBefore = isUsable ? stored.head.maxTimestamp : -1
    const from = isUsable ? stored.head.size : 0
    await this.files.use(segment.handle, (file) =>
      scanBatches(file, from, segment.size, (batch, position) => {
        index.note(batchBaseOffset(batch), position, timeBefore)
        timeBefore = Math.max(timeBefore, batchMaxTimestamp(batch))
        return true
      }),
    )
    segment.index = index
    this.release(segment)
    return index
  }
}

/** The index file, undefined if it is missing or damaged. */
export async function readIndexFile(disk: Disk, segment: FileSegment) {
  try {
    return decodeIndex(await disk.readFile(segment.indexPath), segment.baseOffset)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
