export interface StoryRingOptions {
  /** Most stories of one group. */
  readonly perGroup: number
  /** Most stories of all groups. */
  readonly total: number
}

interface Entry {
  readonly groupId: string
  readonly story: Buffer
}

/** The newest stories of each group as they are stored, so many of a group and so many of all; the oldest make room. */
export class StoryRing {
  readonly #options: StoryRingOptions
  readonly #groups = new Map<string, Entry[]>()
  /** All entries, oldest first. */
  readonly #order = new Set<Entry>()

  constructor(options: StoryRingOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#order.size
  }

  add(groupId: string, story: Buffer): void {
    const entry = { groupId, story }
    const entries = this.#groups.get(groupId) ?? []
    this.#groups.set(groupId, entries)
    entries.push(entry)
    this.#order.add(entry)
    if (entries.length > this.#options.perGroup) this.#drop(entries)
    if (this.#order.size > this.#options.total) this.#dropOldest()
  }

  has(groupId: string, story: Buffer): boolean {
    return this.#groups.get(groupId)?.some((entry) => entry.story.equals(story)) === true
  }

  /** Oldest first. */
  of(groupId: string): readonly Buffer[] {
    return (this.#groups.get(groupId) ?? []).map(({ story }) => story)
  }

  #dropOldest(): void {
    for (const { groupId } of this.#order) {
      const entries = this.#groups.get(groupId) ?? []
      this.#drop(entries)
      if (entries.length === 0) this.#groups.delete(groupId)
      return
    }
  }

  /** The oldest of all is the oldest of its group, too. */
  #drop(entries: Entry[]): void {
    const oldest = entries.shift()
    if (oldest) this.#order.delete(oldest)
  }
}
