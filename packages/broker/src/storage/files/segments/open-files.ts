// Hot path: `opened` is asked for every gathered write.
import { type Disk, type DiskFile, descriptorSentence } from '@rivven/runtime'

/** A file that may be open or not; whoever works with it holds it meanwhile. */
export class FileHandle {
  path: string
  file: DiskFile | undefined
  opening: Promise<DiskFile> | undefined
  /** The name is taken away or stands for another file: it may not be opened again. */
  isGone = false
  holders = 0
  released: (() => void) | undefined
  kept: SharedFile | undefined
  usedAt = 0

  constructor(path: string) {
    this.path = path
  }
}

/** An open file that outlives its handle as long as somebody keeps it. */
interface SharedFile {
  readonly file: DiskFile
  users: number
  /** Its handle has closed: the last user closes the file. */
  isOrphan: boolean
}

/** A file that stays open, whatever becomes of its name, until it is released. */
export interface KeptFile {
  readonly file: DiskFile
  release(): void
}

/**
 * Keeps a bounded number of files open, those that are being opened among them. Where all are in use, the next one waits: who
 * uses a file never waits for another one. Of those not in use the one longest unused is closed first.
 */
export class OpenFiles {
  private readonly disk: Disk
  private readonly limit: number
  private readonly open = new Set<FileHandle>()
  /** Files that are open, or on their way to be. */
  private taken = 0
  /** Fewer than `limit` after the operating system has refused one. */
  private allowed: number
  /** Places are given in the order in which they were asked for. */
  private placing: Promise<void> = Promise.resolve()
  /** Wakes who waits for a place. */
  private freed: (() => void) | undefined
  private kept = 0
  private moment = 0

  constructor(disk: Disk, limit: number) {
    this.disk = disk
    this.limit = limit
    this.allowed = limit
  }

  /** Works with the file, opened (and made, if missing) before, and not closed meanwhile. */
  async use<T>(handle: FileHandle, work: (file: DiskFile) => Promise<T>): Promise<T> {
    handle.holders++
    try {
      handle.usedAt = ++this.moment
      return await work(handle.file ?? (await this.openOnce(handle)))
    } finally {
      handle.holders--
      if (handle.holders === 0) {
        handle.released?.()
        this.freed?.()
      }
    }
  }

  /**
   * Keeps the file open for somebody who takes his time. Undefined where half of all files are kept already: the others
   * would get none.
   */
  async keep(handle: FileHandle): Promise<KeptFile | undefined> {
    return this.use(handle, async (file) => {
      if (handle.kept === undefined) {
        if (this.kept >= this.allowed / 2) return undefined
        this.kept++
        handle.kept = { file, users: 0, isOrphan: false }
      }
      const shared = handle.kept
      shared.users++
      return { file, release: () => this.letGo(handle, shared) }
    })
  }

  /** The file if it is open: for work that is done before anything else can run. */
  opened(handle: FileHandle): DiskFile | undefined {
    handle.usedAt = ++this.moment
    return handle.file
  }

  /** Closes for good, when the last holder is done; who keeps the file can go on reading it. */
  async close(handle: FileHandle): Promise<void> {
    if (handle.holders > 0) await new Promise<void>((resolve) => (handle.released = resolve))
    if (handle.file === undefined) return
    const file = handle.file
    handle.file = undefined
    this.open.delete(handle)
    const { kept } = handle
    handle.kept = undefined
    if (kept !== undefined) kept.isOrphan = true
    else await this.closeFile(file)
  }

  async closeAll(): Promise<void> {
    for (const handle of [...this.open]) await this.close(handle)
  }

  private letGo(handle: FileHandle, shared: SharedFile): void {
    shared.users--
    if (shared.users > 0) return
    this.kept--
    if (shared.isOrphan) void this.closeFile(shared.file).catch(() => undefined)
    else handle.kept = undefined
    this.freed?.()
  }

  private openOnce(handle: FileHandle): Promise<DiskFile> {
    if (handle.isGone) return Promise.reject(new Error(`${handle.path} is removed.`))
    handle.opening ??= this.openNow(handle).finally(() => {
      handle.opening = undefined
    })
    return handle.opening
  }

  private async openNow(handle: FileHandle): Promise<DiskFile> {
    const file = await this.openInPlace(handle.path)
    handle.file = file
    this.open.add(handle)
    return file
  }

  /** Where the system has no descriptor left, it is tried again with fewer files open, as long as there are any to close. */
  private async openInPlace(path: string): Promise<DiskFile> {
    for (;;) {
      await this.place()
      try {
        const file = await this.disk.open(path, 'write')
        this.allowed = Math.min(this.limit, this.allowed + 1)
        return file
      } catch (error) {
        this.giveBack()
        if (descriptorSentence(error) === undefined || !this.canFree) throw error
        this.allowed = Math.max(1, this.open.size)
      }
    }
  }

  private place(): Promise<void> {
    this.placing = this.placing.then(() => this.takePlace())
    return this.placing
  }

  /** Files are open, or being opened, that nobody keeps: sooner or later one of them can be closed. */
  private get canFree(): boolean {
    return this.taken > this.kept
  }

  private async takePlace(): Promise<void> {
    while (this.taken >= this.allowed && this.canFree) {
      const idle = this.longestIdle()
      if (idle) await this.close(idle).catch(() => undefined)
      else await new Promise<void>((resolve) => (this.freed = resolve))
    }
    this.taken++
  }

  private longestIdle(): FileHandle | undefined {
    let found: FileHandle | undefined
    for (const handle of this.open) {
      if (handle.holders > 0 || handle.kept) continue
      if (found === undefined || handle.usedAt < found.usedAt) found = handle
    }
    return found
  }

  private async closeFile(file: DiskFile): Promise<void> {
    try {
      await file.close()
    } finally {
      this.giveBack()
    }
  }

  private giveBack(): void {
    this.taken--
    this.freed?.()
  }
}
