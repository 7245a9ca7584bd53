// Hot path: `commit` runs for every small group commit of a partition. One flush for all partitions that wait, where each
// would need its own: commits of 100 groups over 50 partitions rise from 8,000 to 30,000 a second (bench/lists/groups.txt).
import { join } from 'node:path'
import type { Clock } from '@rivven/runtime'
import { EarlierJournals, type EarlierJournalsOptions } from './earlier-journals.js'
import { entryOf } from './journal-file.js'
import type { JournalUser } from './journal-user.js'
import { flushesAtOnce, OpenJournal } from './open-journal.js'
import type { JournalClaim } from './read-entries.js'

interface Waiting {
  user: JournalUser
  chunks: Buffer[]
  resolve: () => void
  reject: (error: Error) => void
}

export interface JournalOptions extends EarlierJournalsOptions {
  clock: Clock
  /** A file as large as this is followed by a new one, and removed when its users are settled. Default 16 MiB. */
  fileBytes?: number
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
  private lastNumber: number
  private waiting: Waiting[] = []
  private flushing = 0
  private isScheduled = false
  private pausedUntil = -Infinity
  private whenIdle: (() => void)[] = []
  private readonly earlier: EarlierJournals

  static async open(options: JournalOptions): Promise<Journal> {
    return new Journal(options, await EarlierJournals.read(options))
  }

  private constructor(options: JournalOptions, earlier: EarlierJournals) {
    this.options = options
    this.earlier = earlier
    this.lastNumber = earlier.lastNumber
    this.fileBytes = options.fileBytes ?? 16_777_216
  }

  /** False for a while after an error of the disk: then each partition has to flush its own files. */
  get isUsable(): boolean {
    return this.pausedUntil === -Infinity || this.options.clock.monotonic() >= this.pausedUntil
  }

  /** Makes batches durable. The folder of that name must be there, durably, and a user has one commit at a time. */
  commit(user: JournalUser, batches: readonly Buffer[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ user, chunks: entryOf(user.name, batches), resolve, reject })
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
    return this.earlier.batchesOf(name)
  }

  /** What of a partition was in entries that are damaged; it may have that already. */
  claimsOf(name: string): readonly JournalClaim[] {
    return this.earlier.claimsOf(name)
  }

  /** A partition has what an earlier life has left for it, durably, or is removed: the journal need not keep it. */
  async forget(name: string): Promise<void> {
    for (const { users } of this.files) users.delete(name)
    await this.earlier.forget(name)
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
}
