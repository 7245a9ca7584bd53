import { BATCH_MAGIC_END, batchBaseOffset, batchMagic } from '@rivven/protocol'
import type { Disk, DiskFile } from '@rivven/runtime'
import type { FileSegment } from './file-segment.js'
import { decodeIndex, encodeIndex, type IndexImage } from './index-file.js'
import type { OpenFiles } from './open-files.js'
import type { SegmentIndex } from './segment-index.js'

export interface IndexCacheOptions {
  disk: Disk
  files: OpenFiles
  maxBytes: number
  /**
   * Reads a whole closed segment, for an index that is missing or in doubt. `witness`: one that is sound and of this
   * segment, but says of some batch another offset than the batch itself.
   */
  remake: (segment: FileSegment, witness: SegmentIndex | undefined) => Promise<SegmentIndex>
}

/** Reads indexes of closed segments when they are needed, and forgets the ones loaded first beyond its budget. */
export class IndexCache {
  private readonly options: IndexCacheOptions
  private readonly loaded: FileSegment[] = []
  private readonly loading = new Map<FileSegment, Promise<SegmentIndex>>()
  private bytes = 0

  constructor(options: IndexCacheOptions) {
    this.options = options
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

  /** Writes the index as it was at a moment; what it speaks of must be on stable storage. */
  async store(segment: FileSegment, image: IndexImage | undefined = segment.indexImage()): Promise<void> {
    if (image !== undefined) await this.options.disk.replaceFile(segment.indexPath, encodeIndex(image, segment.folder))
  }

  /** Lets the index of a closed segment go when others need the room. */
  release(segment: FileSegment): void {
    if (segment.index === undefined || this.loaded.includes(segment)) return
    this.loaded.push(segment)
    this.bytes += segment.index.bytes
    while (this.bytes > this.options.maxBytes && this.loaded.length > 1) {
      const oldest = this.loaded.shift()!
      this.bytes -= oldest.index?.bytes ?? 0
      oldest.index = undefined
    }
  }

  private async load(segment: FileSegment): Promise<SegmentIndex> {
    const { disk, files, remake } = this.options
    const stored = await readIndexFile(disk, segment)
    const isWhole = stored?.head.size === segment.size
    const isRight = isWhole && (await files.use(segment.handle, (file) => pointsAtBatches(stored.index, file)))
    const witness = isWhole && stored.head.version >= 2 ? stored.index : undefined
    segment.index = isRight ? stored.index : await remake(segment, witness)
    this.release(segment)
    return segment.index
  }
}

/** Whether there are batches where the first and the last entry say. */
export async function pointsAtBatches(index: SegmentIndex, file: DiskFile): Promise<boolean> {
  const head = Buffer.alloc(BATCH_MAGIC_END)
  for (const at of index.length === 0 ? [] : [0, index.length - 1]) {
    const { offset, position } = index.entry(at)
    const count = await file.read(head, position)
    if (count < head.length || batchMagic(head) !== 2 || batchBaseOffset(head) !== offset) return false
  }
  return true
}

/** The index file, undefined if it is missing or damaged. */
export async function readIndexFile(disk: Disk, segment: FileSegment) {
  try {
    return decodeIndex(await disk.readFile(segment.indexPath), segment)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
