/** Bytes written since the last sync: a power cut keeps each of them or not. */
interface Unsynced {
  readonly at: number
  /** undefined: the file was cut to `at`. */
  readonly bytes: Buffer | undefined
}

/** Bytes that grow. */
class Content {
  #memory = Buffer.alloc(256)
  #size = 0

  get size(): number {
    return this.#size
  }

  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#size)
  }

  apply({ at, bytes }: Unsynced): void {
    if (bytes === undefined) {
      this.#resize(at)
      return
    }
    if (at + bytes.length > this.#size) this.#resize(at + bytes.length)
    this.#memory.set(bytes, at)
  }

  #resize(size: number): void {
    if (size > this.#memory.length) {
      const larger = Buffer.alloc(Math.max(size, 2 * this.#memory.length))
      this.#memory.copy(larger)
      this.#memory = larger
    } else if (size < this.#size) {
      this.#memory.fill(0, size, this.#size)
    }
    this.#size = size
  }
}

/** What a file holds, and what of it is safe. */
export class Inode {
  readonly #now = new Content()
  readonly #safe = new Content()
  #unsynced: Unsynced[] = []
  /** Changes that became safe so far. */
  #syncedCount = 0

  get size(): number {
    return this.#now.size
  }

  get bytes(): Buffer {
    return this.#now.bytes
  }

  /** A change: bytes at a place, or the file cut to a size. */
  change(change: Unsynced): void {
    this.#unsynced.push(change)
    this.#now.apply(change)
  }

  /** How much of what was done a sync that begins now makes safe. */
  get mark(): number {
    return this.#syncedCount + this.#unsynced.length
  }

  syncUpTo(mark: number): void {
    const count = Math.max(0, mark - this.#syncedCount)
    for (const change of this.#unsynced.splice(0, count)) this.#safe.apply(change)
    this.#syncedCount += count
  }

  /** Bits turn over by themselves; by now the system has put down what it was given. */
  flip(at: number, mask: number): void {
    this.syncUpTo(this.mark)
    this.change({ at, bytes: Buffer.from([this.bytes[at]! ^ mask]) })
    this.syncUpTo(this.mark)
  }

  /** As after a power cut: what was synced, and of the rest what `keeps` says; a piece may be torn. */
  afterPowerCut(keeps: () => boolean, share: () => number): Inode {
    const left = new Inode()
    left.change({ at: 0, bytes: Buffer.from(this.#safe.bytes) })
    for (const change of this.#unsynced) if (keeps()) left.change(keeps() ? change : torn(change, share()))
    left.syncUpTo(left.mark)
    return left
  }
}

function torn({ at, bytes }: Unsynced, share: number): Unsynced {
  return { at, bytes: bytes?.subarray(0, Math.floor(share * bytes.length)) }
}
