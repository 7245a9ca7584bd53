// Hot path: `opened` is asked for every gathered write.
import type { Disk, DiskFile } from '@rivven/runtime'

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

const OUT_OF_DESCRIPTORS = new Set(['EMFILE', 'ENFILE'])

/** Keeps a bounded number of files open; those not in use are closed first, the one longest unused before others. */
export class OpenFiles {
  private readonly disk: Disk
  private readonly limit: number
  private readonly open = new Set<FileHandle>()
  private kept = 0
  private moment = 0

  constructor(disk: Disk, limit: number) {
    this.disk = disk
    this.limit = limit
  }

  /** Works with the file, opened (and made, if missing) before, and not closed meanwhile. */
  async use<T>(handle: FileHandle, work: (file: DiskFile) => Promise<T>): Promise<T> {
    handle.holders++
    try {
      handle.usedAt = ++this.moment
      return await work(handle.file ?? (await this.openOnce(handle)))
    } finally {
      handle.holders--
      if (handle.holders === 0) handle.released?.()
    }
  }

  /**
   * Keeps the file open for somebody who takes his time. Undefined where half of all files are kept already: the others
   * would get none.
   */
  async keep(handle: FileHandle): Promise<KeptFile | undefined> {
    return this.use(handle, async (file) => {
      if (handle.kept === undefined) {
        if (this.kept >= this.limit / 2) return undefined
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
    else await file.close()
  }

  async closeAll(): Promise<void> {
    for (const handle of [...this.open]) await this.close(handle)
  }

  private letGo(handle: FileHandle, shared: SharedFile): void {
    shared.users--
    if (shared.users > 0) return
    this.kept--
    if (shared.isOrphan) void shared.file.close().catch(() => undefined)
    else handle.kept = undefined
  }

  private openOnce(handle: FileHandle): Promise<DiskFile> {
    if (handle.isGone) return Promise.reject(new Error(`${handle.path} is removed.`))
    handle.opening ??= this.openNow(handle).finally(() => {
      handle.opening = undefined
    })
    return handle.opening
  }

  private async openNow(handle: FileHandle): Promise<DiskFile> {
    await this.closeIdle(this.limit - 1)
    const file = await this.openOrMakeRoom(handle.path)
    handle.file = file
    this.open.add(handle)
    return file
  }

  private async openOrMakeRoom(path: string): Promise<DiskFile> {
    try {
      return await this.disk.open(path, 'write')
    } catch (error) {
      if (!OUT_OF_DESCRIPTORS.has((error as NodeJS.ErrnoException).code ?? '')) throw error
      await this.closeIdle(Math.floor(this.open.size / 2))
      return this.disk.open(path, 'write')
    }
  }

  private async closeIdle(keep: number): Promise<void> {
    if (this.open.size <= keep) return
    const idle = [...this.open]
      .filter((handle) => handle.holders === 0 && !handle.kept)
      .sort((a, b) => a.usedAt - b.usedAt)
    for (const handle of idle.slice(0, this.open.size - keep)) await this.close(handle)
  }
}
