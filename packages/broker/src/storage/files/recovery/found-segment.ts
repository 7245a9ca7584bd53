import type { Checkpoint } from '../checkpoint-file.js'
import type { FileContext } from '../file-context.js'
import { FileSegment } from '../segments/file-segment.js'
import { pointsAtBatches, readIndexFile } from '../segments/index-cache.js'
import { decodeIndexHead, INDEX_HEAD_BYTES, type IndexHead } from '../segments/index-file.js'

interface Place {
  folder: string
  base: number
  /** Of the segment behind it; undefined: it is the last one. */
  nextBase: number | undefined
  checkpoint: Checkpoint | undefined
}

/** A segment's file as a start finds it, with what its index and the checkpoint say of it, before it is read. */
export class FoundSegment {
  readonly segment: FileSegment
  readonly nextBase: number | undefined
  readonly checkpoint: Checkpoint | undefined
  /** Of the file, in bytes. */
  size = 0
  /** The index's word for its first bytes; undefined: there is no index, or it does not fit. */
  head: IndexHead | undefined
  /** Everything before this offset was on stable storage once, by the index's word. */
  promisedOffset = 0
  #hasIndexFile = false

  static async look(context: FileContext, place: Place): Promise<FoundSegment> {
    const found = new FoundSegment(context, place)
    found.size = (await context.disk.sizeOf(found.segment.handle.path)) ?? 0
    const head = await found.#readHead(context)
    if (head === undefined) return found
    if (head.version >= 2) found.promisedOffset = head.nextOffset
    if (found.#fits(head)) found.head = head
    return found
  }

  private constructor(context: FileContext, { folder, base, nextBase, checkpoint }: Place) {
    this.segment = new FileSegment(folder, base, context.clock.now())
    // Nobody knows, unless its index does.
    this.segment.createdAt = 0
    this.nextBase = nextBase
    this.checkpoint = checkpoint
  }

  get isLast(): boolean {
    return this.nextBase === undefined
  }

  /** So many bytes were checked and on stable storage when the checkpoint was made. */
  get trustedSize(): number {
    const { checkpoint, segment, head, size } = this
    if (checkpoint === undefined || segment.baseOffset > checkpoint.segmentBase) return 0
    if (segment.baseOffset === checkpoint.segmentBase) return checkpoint.position <= size ? checkpoint.position : 0
    // An older checkpoint may be behind what compaction has brought into one segment since.
    return head !== undefined && head.nextOffset <= checkpoint.offset ? size : 0
  }

  /** Takes the index into memory, as far as it goes. Without one that is right it begins anew. */
  async takeIndex(context: FileContext): Promise<void> {
    const { segment } = this
    const stored = this.head && (await readIndexFile(context.disk, segment))
    // From version 2 on it says itself whose it is.
    const isRight =
      stored !== undefined &&
      (stored.head.version >= 2 ||
        (await context.files.use(segment.handle, (file) => pointsAtBatches(stored.index, file))))
    if (isRight) {
      segment.index = stored.index
      return
    }
    if (this.#hasIndexFile) this.#tellUnfit(context)
    this.head = undefined
    segment.startIndex()
  }

  #tellUnfit({ notices }: FileContext): void {
    const path = this.segment.indexPath
    const text = `${path} is damaged or of another segment, and is made again. Nothing is lost.`
    notices.tell({ level: 'warn', text, facts: { path } })
  }

  #fits({ size, nextOffset }: IndexHead): boolean {
    if (size > this.size || nextOffset < this.segment.baseOffset) return false
    // What it says of a part of a closed segment is a beginning; of the whole it must be right.
    if (this.nextBase === undefined) return true
    return size === this.size ? nextOffset === this.nextBase : nextOffset <= this.nextBase
  }

  async #readHead({ disk }: FileContext): Promise<IndexHead | undefined> {
    const { segment } = this
    const indexSize = await disk.sizeOf(segment.indexPath)
    this.#hasIndexFile = indexSize !== undefined
    if (!indexSize) return undefined
    const file = await disk.open(segment.indexPath, 'read')
    try {
      const bytes = Buffer.alloc(INDEX_HEAD_BYTES)
      const count = await file.read(bytes, 0)
      return decodeIndexHead(bytes.subarray(0, count), segment)
    } finally {
      await file.close()
    }
  }
}
