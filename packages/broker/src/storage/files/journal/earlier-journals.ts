import { join } from 'node:path'
import type { Disk } from '@rivven/runtime'
import type { Notices } from '../../notices.js'
import type { SetAside } from '../set-aside.js'
import { type JournalClaim, type JournalDamage, readEntries } from './read-entries.js'

export interface EarlierJournalsOptions {
  disk: Disk
  /** Made if it is missing. */
  folder: string
  /** Folders of partitions that there are: entries of others are forgotten. */
  partitions: ReadonlySet<string>
  setAside: SetAside
  notices: Notices
}

interface EarlierFile {
  path: string
  damages: JournalDamage[]
}

/** What an earlier life has left in the journal, until all partitions have it in their own files. */
export class EarlierJournals {
  readonly #options: EarlierJournalsOptions
  /** By partition, in order. */
  readonly #left = new Map<string, { batches: Buffer[]; claims: JournalClaim[] }>()
  #files: EarlierFile[] = []
  /** Of the newest file, 0 if there is none. */
  lastNumber = 0

  static async read(options: EarlierJournalsOptions): Promise<EarlierJournals> {
    const earlier = new EarlierJournals(options)
    await earlier.#read()
    return earlier
  }

  private constructor(options: EarlierJournalsOptions) {
    this.#options = options
  }

  batchesOf(name: string): readonly Buffer[] {
    return this.#left.get(name)?.batches ?? []
  }

  /** What was in entries that are damaged, in order. */
  claimsOf(name: string): readonly JournalClaim[] {
    return this.#left.get(name)?.claims ?? []
  }

  /** A partition has what is left for it, or is removed. With the last one the files go. */
  async forget(name: string): Promise<void> {
    if (this.#left.delete(name) && this.#left.size === 0) await this.#removeFiles()
  }

  async #read(): Promise<void> {
    const { disk, folder } = this.#options
    await disk.makeFolder(folder)
    for (const number of journalNumbers(await disk.list(folder))) {
      const path = join(folder, `${number}.journal`)
      this.lastNumber = number
      const { entries, damages } = readEntries(await disk.readFile(path))
      this.#files.push({ path, damages })
      for (const { name, batches } of entries) this.#of(name)?.batches.push(...batches)
      for (const claim of damages.flatMap(({ claims }) => claims)) this.#of(claim.name)?.claims.push(claim)
    }
    if (this.#left.size === 0) await this.#removeFiles()
  }

  /** Undefined for a partition that there is not. */
  #of(name: string) {
    if (!this.#options.partitions.has(name)) return undefined
    const left = this.#left.get(name) ?? { batches: [], claims: [] }
    this.#left.set(name, left)
    return left
  }

  /** Oldest first: a crash between must not leave a hole. */
  async #removeFiles(): Promise<void> {
    const files = this.#files
    this.#files = []
    for (const file of files) {
      if (file.damages.length > 0) await this.#keepAside(file)
      else await this.#options.disk.remove(file.path)
    }
  }

  async #keepAside({ path, damages }: EarlierFile): Promise<void> {
    const kept = await this.#options.setAside.move(path)
    const places = damages.map(({ position, endPosition }) => `from byte ${position} to ${endPosition}`).join(', ')
    const text =
      `${path} is damaged ${places}. All that can be read of it was taken; of the rest only that is missing which a power ` +
      `cut has taken from a partition's segments, too: ${linesFor(damages)}. The file is kept at ${kept}.`
    const { position } = damages[0]!
    this.#options.notices.tell({ level: 'warn', text, facts: { path, position, places: damages.length, kept } })
  }
}

function linesFor(damages: readonly JournalDamage[]): string {
  return damages.every(({ claims }) => claims.length > 0)
    ? 'a line of its own names such offsets'
    : 'a line of its own names such offsets, but where not even the name of the partition can be read'
}

/** Oldest first. People and systems leave other files anywhere (.DS_Store, lost+found): they are none of ours. */
function journalNumbers(names: readonly string[]): number[] {
  const numbers = names.map((name) => Number(/^(\d+)\.journal$/.exec(name)?.[1] ?? Number.NaN))
  return numbers.filter((number) => !Number.isNaN(number)).sort((a, b) => a - b)
}
