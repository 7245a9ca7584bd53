/** What a storage has met that its operator should know: a damaged file, what is done without it, how to get it back. */
export interface StorageNotice {
  /** 'error': something stored cannot be read. 'warn': it was damaged or unknown, and nothing is missing. */
  readonly level: 'warn' | 'error'
  /** Whole sentences. */
  readonly text: string
  /** The same for machines: path, offsets. */
  readonly facts: Readonly<Record<string, string | number>>
}

/** Notices of one storage. Those from before anybody listens are kept: the first ones come while it is opened. */
export class Notices {
  #kept: StorageNotice[] = []
  #listener: ((notice: StorageNotice) => void) | undefined

  tell(notice: StorageNotice): void {
    if (this.#listener) this.#listener(notice)
    else this.#kept.push(notice)
  }

  listen(listener: (notice: StorageNotice) => void): void {
    this.#listener = listener
    for (const notice of this.#kept.splice(0)) listener(notice)
  }
}
