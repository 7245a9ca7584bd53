// Hot path: `commit` runs for every small group commit of a partition. One flush for all partitions that wait, where each
// would need its own: commits of 100 groups over 50 partitions rise from 8,000 to 30,000 a second (bench/lists/groups.txt).
import { join } from 'node:path'
import type { Clock, Disk } from '@rivven/runtime'
import type { Notices } from '../../notices.js'
import type { SetAside } from '../set-aside.js'
import { entryHead, type JournalDamage, readEntries } from './journal-file.js'
import type { JournalUser } from './journal-user.js'
import { flushesAtOnce, OpenJournal } from './open-journal.js'

interface Waiting {
  user: JournalUser
  chunks: Buffer[]
  resolve: () => void
  reject: (error: Error) => void
}

export interface JournalOptions {
  disk: Disk
  clock: Clock
  /** Made if it is missing. */
  folder: string
  /** A file as large as this is followed by a new one, and removed when its users are settled. Default 16 MiB. */
  fileBytes?: number
  /** Folders of partitions that there are: entries of others are forgotten. */
  partitions: ReadonlySet<string>
  setAside: SetAside
  notices: Notices
}

interface EarlierFile {
  path: string
  damages: JournalDamage[]
}

const pauseMs = 10_000

/**
 * Makes small writes to many partitions durable with one flush. Batches lie in their own segments as ever; the journal has
 * them once more, until the segments are flushed too. After a power cut, what the segments have lost is taken from here.
 */
export class Journal {
  private readonly options: JournalOptions
  private readonly fileBytes: number
  private readonly files = new Set<OpenJournal>()
  private readonly retiring = new Set<Promise<void>>()
  private current: OpenJournal | undefined
  private beginning: Promise<OpenJournal> | undefined
  private lastNumber = 0
  private waiting: Waiting[] = []
  private flushing = 0
  private isScheduled = false
  private pausedUntil = -Infinity
  private whenIdle: (() => void)[] = []
  /** What an earlier life has left, by partition, and in which files. */
  private readonly earlier = new Map<string, Buffer[]>()
  private earlierFiles: EarlierFile[] = []

  static async open(options: JournalOptions): Promise<Journal> {
    const journal = new Journal(options)
    await journal.readEarlier()
    return journal
  }

  private constructor(options: JournalOptions) {
    this.options = options
    this.fileBytes = options.fileBytes ?? 16_777_216
  }

  /** False for a while after an error of the disk: then each partition has to flush its own files. */
  get isUsable(): boolean {
    return this.pausedUntil === -Infinity || this.options.clock.monotonic() >= this.pausedUntil
  }

  /** Makes batches durable. The folder of that name must be there, durably, and a user has one commit at a time. */
  commit(user: JournalUser, batches: readonly Buffer[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ user, chunks: [entryHead(user.name, batches), ...batches], resolve, reject })
      if (this.isScheduled || this.flushing === flushesAtOnce) return
      this.isScheduled = true
      queueMicrotask(() => {
        this.isScheduled = false
        void this.flushNext()
      })
    })
  }

  /** Batches that an earlier life has left for a partition, in order; it may have them already. */
  earlierOf(name: string): readonly Buffer[] {
    return this.earlier.get(name) ?? []
  }

  /** A partition has what an earlier life has left for it, durably, or is removed: the journal need not keep it. */
  async forget(name: string): Promise<void> {
    for (const { users } of this.files) users.delete(name)
    if (this.earlier.delete(name) && this.earlier.size === 0) await this.removeEarlier()
  }

  /** Removes what nobody needs any more; the rest is for the next start. */
  async close(): Promise<void> {
    if (this.flushing > 0 || this.waiting.length > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve))
    this.current = undefined
    await Promise.all(this.retiring)
    for (const journal of [...this.files]) await this.retire(journal, false)
  }

  private async flushNext(): Promise<void> {
    if (this.waiting.length === 0 || this.flushing === flushesAtOnce) return
    const group = this.waiting
    this.waiting = []
    this.flushing++
    try {
      await this.flush(group)
      for (const { resolve } of group) resolve()
    } catch (error) {
      for (const { reject } of group) reject(error as Error)
    }
    this.flushing--
    if (this.waiting.length > 0) void this.flushNext()
    else if (this.flushing === 0) for (const tell of this.whenIdle.splice(0)) tell()
  }

  private async flush(group: readonly Waiting[]): Promise<void> {
    let journal = this.current
    try {
      if (journal === undefined || journal.size >= this.fileBytes) journal = await this.begin()
      const chunks: Buffer[] = []
      let bytes = 0
      for (const { user, chunks: own } of group) {
        journal.users.set(user.name, user)
        for (const chunk of own) {
          chunks.push(chunk)
          bytes += chunk.length
        }
      }
      await journal.store(chunks, bytes)
    } catch (error) {
      this.failed(journal)
      throw error
    }
  }

  private begin(): Promise<OpenJournal> {
    this.beginning ??= this.makeNext().finally(() => {
      this.beginning = undefined
    })
    return this.beginning
  }

  private async makeNext(): Promise<OpenJournal> {
    const { disk, folder } = this.options
    const journal = await OpenJournal.make(disk, join(folder, `${++this.lastNumber}.journal`), this.fileBytes)
    this.files.add(journal)
    await disk.syncFolder(folder)
    const full = this.current
    this.current = journal
    if (full !== undefined) this.retireLater(full)
    return journal
  }

  /** Nothing is written behind a place that failed. */
  private failed(journal: OpenJournal | undefined): void {
    this.pausedUntil = this.options.clock.monotonic() + pauseMs
    if (journal === undefined || journal !== this.current) return
    this.current = undefined
    this.retireLater(journal)
  }

  private retireLater(journal: OpenJournal): void {
    const done = this.retire(journal, true).finally(() => this.retiring.delete(done))
    this.retiring.add(done)
  }

  /** Removes a file when all its users are settled. If one cannot be, the file stays for the next start. */
  private async retire(journal: OpenJournal, mayFlush: boolean): Promise<void> {
    try {
      await journal.close()
      for (const [name, user] of [...journal.users]) {
        if (mayFlush) await user.settle()
        if (mayFlush || user.isSettled) journal.users.delete(name)
      }
      if (journal.users.size > 0) return
      this.files.delete(journal)
      await this.options.disk.remove(journal.path)
    } catch {
      // What is not removed is read again at the next start, which does no harm.
    }
  }

  private async readEarlier(): Promise<void> {
    const { disk, folder, partitions } = this.options
    await disk.makeFolder(folder)
    for (const number of journalNumbers(await disk.list(folder))) {
      const path = join(folder, `${number}.journal`)
      this.lastNumber = number
      const { entries, damages } = readEntries(await disk.readFile(path))
      this.earlierFiles.push({ path, damages })
      for (const { name, batches } of entries) {
        if (!partitions.has(name)) continue
        const before = this.earlier.get(name)
        if (before) before.push(...batches)
        else this.earlier.set(name, batches)
      }
    }
    if (this.earlier.size === 0) await this.removeEarlier()
  }

  /** Oldest first: a crash between must not leave a hole. */
  private async removeEarlier(): Promise<void> {
    const files = this.earlierFiles
    this.earlierFiles = []
    for (const file of files) {
      if (file.damages.length > 0) await this.keepAside(file)
      else await this.options.disk.remove(file.path)
    }
  }

  private async keepAside({ path, damages }: EarlierFile): Promise<void> {
    const kept = await this.options.setAside.move(path)
    const places = damages.map(({ position, endPosition }) => `from byte ${position} to ${endPosition}`).join(', ')
    const text =
      `${path} is damaged ${places}. All that can be read of it was taken; of the rest only that is missing which a power ` +
      `cut has taken from a partition's segments, too: a line of its own names such offsets. The file is kept at ${kept}.`
    const { position } = damages[0]!
    this.options.notices.tell({ level: 'warn', text, facts: { path, position, places: damages.length, kept } })
  }
}

/** Oldest first. People and systems leave other files anywhere (.DS_Store, lost+found): they are none of ours. */
function journalNumbers(names: readonly string[]): number[] {
  const numbers = names.map((name) => Number(/^(\d+)\.journal$/.exec(name)?.[1] ?? Number.NaN))
  return numbers.filter((number) => !Number.isNaN(number)).sort((a, b) => a - b)
}
