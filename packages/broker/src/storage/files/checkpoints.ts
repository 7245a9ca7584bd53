import { basename, join } from 'node:path'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, type StoredCheckpoint } from './checkpoint-file.js'
import type { FileContext } from './file-context.js'

const NEWEST = 'checkpoint'
const EARLIER = 'checkpoint.earlier'

/**
 * The checkpoints of one partition: the newest and the one before it, so that a start has one if the other is damaged. Both
 * say the same start of the log: what DeleteRecords has removed must not come back.
 */
export class Checkpoints {
  readonly #context: FileContext
  readonly #folder: string
  /** Start of the log in the file of the newest one; undefined: there is none to keep. */
  #newestStart: number | undefined

  constructor(context: FileContext, folder: string) {
    this.#context = context
    this.#folder = folder
  }

  /**
   * The newest that is sound, if there is any. The earlier one knows no positions: segments may have been rewritten since.
   * `bases`: first offsets of the segments there are.
   */
  async read(bases: readonly number[]): Promise<Checkpoint | undefined> {
    const newest = await this.#readFile(NEWEST, bases)
    if (typeof newest === 'object') {
      this.#newestStart = newest.startOffset
      return newest
    }
    const earlier = await this.#readFile(EARLIER, bases)
    const found = typeof earlier === 'object' ? { ...earlier, position: 0 } : undefined
    if (newest === 'damaged') await this.#tellDamaged(NEWEST, found)
    else if (earlier !== undefined) this.#tell(NEWEST, 'is missing', found)
    if (earlier === 'damaged') await this.#tellDamaged(EARLIER, found)
    return found
  }

  /** Durable when it resolves. One at a time. */
  async write(checkpoint: Checkpoint): Promise<void> {
    const { disk } = this.#context
    const { startOffset } = checkpoint
    const bytes = encodeCheckpoint(checkpoint, basename(this.#folder))
    const before = this.#newestStart
    this.#newestStart = undefined
    if (before !== undefined) await disk.rename(this.#path(NEWEST), this.#path(EARLIER))
    await disk.replaceFile(this.#path(NEWEST), bytes)
    if ((before ?? 0) !== startOffset) await disk.replaceFile(this.#path(EARLIER), bytes)
    this.#newestStart = startOffset
  }

  async #readFile(name: string, bases: readonly number[]): Promise<StoredCheckpoint | 'damaged' | undefined> {
    try {
      const checkpoint = decodeCheckpoint(await this.#context.disk.readFile(this.#path(name)), basename(this.#folder))
      return checkpoint !== undefined && isPossible(checkpoint, bases) ? checkpoint : 'damaged'
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  async #tellDamaged(name: string, other: Checkpoint | undefined): Promise<void> {
    const kept = await this.#context.setAside.move(this.#path(name))
    this.#tell(name, `is damaged, and kept at ${kept}`, other)
  }

  #tell(name: string, what: string, other: Checkpoint | undefined): void {
    const path = this.#path(name)
    const text =
      other !== undefined
        ? 'The one before it is used, and more of the log is read again. Nothing is lost.'
        : 'The log is read from its first segment; records that DeleteRecords has removed may be back.'
    this.#context.notices.tell({ level: 'warn', text: `${path} ${what}. ${text}`, facts: { path } })
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

/** Those of earlier brokers do not say whose they are: they must fit what is there. */
function isPossible(
  { version, startOffset, offset, segmentBase }: StoredCheckpoint,
  bases: readonly number[],
): boolean {
  if (version > 1) return true
  return startOffset <= offset && (segmentBase === offset || bases.includes(segmentBase))
}
