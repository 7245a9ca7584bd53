import type { Documents } from '../../storage/own-storage.js'

const DOCUMENT = 'producer-ids'
/** Ids reserved with one write; after a crash the rest of a block is left out. */
const BLOCK = 1_000
/** Of ids that were given out lately nothing may be stored yet: so many are passed over where nobody knows the last one. */
const UNKNOWN = 1_000 * BLOCK
/** Clients may write with ids that nobody gave them: one so high must not use up all others. */
const HIGHEST = 2 ** 50

export interface ProducerIdsOptions {
  storage: Documents
  /** The highest producer id that partitions know, -1 if they know none. Asked if the document is lost. */
  highestStored: () => number
  /** Told what was done without the document. */
  warn: (text: string) => void
}

/** Gives out producer ids, none twice in the life of the stored data. */
export class ProducerIds {
  readonly #storage: Documents
  readonly #warn: (text: string) => void
  #next: number
  #reserved: number
  #reserving: Promise<void> | undefined

  private constructor({ storage, warn }: ProducerIdsOptions, next: number) {
    this.#storage = storage
    this.#warn = warn
    this.#next = next
    this.#reserved = next
  }

  static async open(options: ProducerIdsOptions): Promise<ProducerIds> {
    const content = await options.storage.readDocument(DOCUMENT)
    if (content) return new ProducerIds(options, (JSON.parse(content.toString()) as { next: number }).next)
    const ids = new ProducerIds(options, 0)
    ids.passOver(options.highestStored())
    return ids
  }

  /** An id that the broker has given out once, by what is stored: the document must not be behind it. */
  passOver(producerId: number): void {
    if (producerId < this.#next || producerId > HIGHEST) return
    this.#next = producerId + 1 + UNKNOWN
    this.#reserved = this.#next
    this.#warn(
      `The producer ids given out are lost (documents/${DOCUMENT} and documents/${DOCUMENT}.copy in the data folder), or of ` +
        `an earlier time. The highest one known to what is stored is ${producerId}; new ones begin at ${this.#next}.`,
    )
  }

  async next(): Promise<number> {
    while (this.#next >= this.#reserved) await this.prepare()
    return this.#next++
  }

  /** Resolves when an id is at hand. */
  async prepare(): Promise<void> {
    if (this.#next < this.#reserved) return
    this.#reserving ??= this.#reserve()
    await this.#reserving
  }

  /** An id at once, or null while none is at hand; then some soon are. */
  take(): number | null {
    if (this.#reserved - this.#next < BLOCK / 10) {
      this.#reserving ??= this.#reserve()
      this.#reserving.catch(() => undefined)
    }
    return this.#next < this.#reserved ? this.#next++ : null
  }

  async #reserve(): Promise<void> {
    const until = this.#reserved + BLOCK
    try {
      await this.#storage.writeDocument(DOCUMENT, Buffer.from(JSON.stringify({ next: until })))
      // It may have been passed over meanwhile.
      this.#reserved = Math.max(this.#reserved, until)
    } finally {
      this.#reserving = undefined
    }
  }
}
