// Hot path: `store` runs for every flush of the journal.
import type { Disk, DiskFile } from '@rivven/runtime'
import type { JournalUser } from './journal-user.js'

const fillBytes = 1_048_576

/** Flushes of one file at the same time: two store half as much again as one, 30,000 commits/s (bench/lists/groups.txt). */
export const flushesAtOnce = 2

/** One file of the journal, while entries are added to it. */
export class OpenJournal {
  readonly path: string
  /** Those that may need it after a power cut. */
  readonly users = new Map<string, JournalUser>()
  /** Bytes of entries. */
  size = 0
  private readonly zeros: Buffer
  /** The file has bytes up to here. */
  private filled = 0
  private isDamaged = false
  /** A descriptor for each flush: the system tells an error of the disk once to each. */
  private readonly free: DiskFile[]
  private whenFree: (() => void) | undefined
  private isClosed = false

  /** Makes the file; its name is not durable yet. */
  static async make(disk: Disk, path: string, fullBytes: number): Promise<OpenJournal> {
    const files: DiskFile[] = []
    try {
      while (files.length < flushesAtOnce) files.push(await disk.open(path, 'write'))
    } catch (error) {
      for (const file of files) await file.close()
      throw error
    }
    return new OpenJournal(path, files, Math.min(fillBytes, fullBytes))
  }

  private constructor(path: string, files: DiskFile[], zeros: number) {
    this.path = path
    this.free = files
    this.zeros = Buffer.alloc(zeros)
  }

  /** Adds bytes at the end, durable when it resolves. After an error nothing that is behind can be trusted. */
  async store(chunks: readonly Buffer[], bytes: number): Promise<void> {
    const file = this.free.pop()
    if (file === undefined) throw new Error(`${this.path} has ${flushesAtOnce} flushes under way.`)
    try {
      this.fill(file, bytes)
      // Some microseconds, where the thread pool would take tens (append-queue.ts).
      file.writeNow(chunks, this.size)
      this.size += bytes
      await file.sync()
      if (this.isDamaged) throw new Error(`${this.path} is damaged.`)
    } catch (error) {
      this.isDamaged = true
      throw error
    } finally {
      this.free.push(file)
      if (this.free.length === flushesAtOnce) this.whenFree?.()
    }
  }

  /** Waits for flushes that are under way. */
  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    if (this.free.length < flushesAtOnce) await new Promise<void>((resolve) => (this.whenFree = resolve))
    for (const file of this.free) await file.close()
  }

  /**
   * Zeros ahead of the entries: they end the reading of them, and a flush of what is only overwritten need not wait for the
   * file system's own journal.
   */
  private fill(file: DiskFile, bytes: number): void {
    if (this.size + bytes <= this.filled) return
    file.writeNow([this.zeros], this.filled)
    this.filled = Math.max(this.filled + this.zeros.length, this.size + bytes)
  }
}
